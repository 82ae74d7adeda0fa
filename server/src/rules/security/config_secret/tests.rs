//! Which values of settings are reported, and which are left alone.

use super::RULE;
use crate::analysis::Severity;
use crate::rules::fixture::{Fixture, check, silent};

#[test]
fn usable_values_are_reported() {
    check(
        &RULE,
        r#"
//- config/server.toml
auth_token = "devtoken"
#            ^^^^^^^^^^ config-secret: secret `auth_token` is committed to the repository
db_key = ""
#        ^^ config-secret: secret `db_key` is empty
[smtp]
password = ""
//- config/users.yml
users:
  - address: ada@pigeon.email
    password: engine1843
#             ^^^^^^^^^^ config-secret
  - password: 184318
#             ^^^^^^ config-secret
//- docker-compose.yml
services:
  db:
    environment:
      POSTGRES_PASSWORD: postgres
#                        ^^^^^^^^ config-secret
  a:
    environment:
      - JWT_SECRET=super-secret-jwt
#       ^^^^^^^^^^^^^^^^^^^^^^^^^^^ config-secret
      - DB_PASS=${DB_PASS}
//- .env
SECRET_KEY=8f2b41c09ad7e65f33b1c8d2a94e7f60
#~ config-secret
//- wrangler.toml
[vars]
API_TOKEN = "a8f5f167f44f4964e6c998dee827110c"
#~ config-secret
//- Dockerfile
FROM debian
ENV ADMIN_PASSWORD=hunter2
#                  ^^^^^^^ config-secret
//- k8s/secret.yaml
kind: Secret
stringData:
  username: app
  password: correct-horse
#~ config-secret
  signing: correct-battery
#          ^^^^^^^^^^^^^^^ config-secret: secret `signing` is committed to the repository
//- config/production.json
{ "database": { "password": "s3cr3tpw" } }
//~ config-secret
//- config/log.toml
target = "AKIAQ3EGRTN5KPLM7XYZ"
#        ^^^^^^^^^^^^^^^^^^^^^^ config-secret: AWS access key is committed to the repository
"#,
    );
}

#[test]
fn a_usable_value_in_an_example_is_reported() {
    check(
        &RULE,
        r#"
//- README.md
```toml
auth_token = "devtoken"
#            ^^^^^^^^^^ config-secret: secret `auth_token` has a usable value in an example
db_key = ""
#        ^^ config-secret
```
"#,
    );
}

#[test]
fn references_and_hashes_are_left_alone() {
    silent(
        &RULE,
        r#"
//- config/server.toml
auth_token = "${AUTH_TOKEN}"
token = "AUTH_TOKEN"
auth_token_env = "AUTH_TOKEN"
token_type = "bearer"
max_tokens = "4096"
tokenizer = "words"
L1_TOKEN_ADDR = "0x4bB1B9A8e2F5E0dE5eC7b6A2f3a5E9c1D7B8F6a0"
//- config/encrypted.yml
password: ENC[AES256_GCM,data:abc]
sops: {}
//- config/templates.yml
password: "{{ secrets.DB }}"
//- config/ansible.yml
password: !vault abcdef
//- config/files.yml
password_file: /run/secrets/db
password: /run/secrets/db
//- config/vault.yml
password: vault:secret/db#password
//- config/users.yml
users:
  - password: $2b$12$abcdefghijklmnopqrstuv
  - password: 5f4dcc3b5aa765d61d8327deb882cf99
//- k8s/deployment.yaml
valueFrom:
  secretKeyRef:
    name: db
    key: password
//- charts/values.yaml
existingSecret: my-secret
existingSecretPasswordKey: admin-password
//- .github/workflows/ci.yml
env:
  POSTGRES_PASSWORD: postgres
//- .env
PASSWORD=
ACCESS_TOKEN_EXPIRED_IN=15m
//- compose.yml
services:
  db:
    environment:
      MYSQL_RANDOM_ROOT_PASSWORD: yes
      MYSQL_ALLOW_EMPTY_PASSWORD: '1'
"#,
    );
}

#[test]
fn examples_tests_and_descriptions_are_left_alone() {
    silent(
        &RULE,
        r#"
//- .env.example
JWT_SECRET=changeme
API_KEY=your-api-key
TOKEN=<token>
DB_KEY=
//- .env.sample
DATABASE_URL=postgres://postgres:password@localhost/db
//- README.md
```yaml
password: engine1843
```
//- config/test.toml
password = "engine1843"
//- tests/config.toml
password = "engine1843"
//- data/words.json
{ "password": "engine1843" }
//- config/openapi.yml
openapi: 3.0.0
password: engine1843
//- config/locales/fr.yml
password: Mot de passe
//- config/fr.json
{ "messages": { "password": "Passwort" } }
"#,
    );
}

#[test]
fn variables_and_earlier_stages_of_images_are_left_alone() {
    silent(
        &RULE,
        r#"
//- Dockerfile
FROM a
ENV DB=postgres://user:dummy@localhost/db
FROM b
ARG TOKEN
ENV TOKEN=$TOKEN
"#,
    );
}

#[test]
fn files_for_development_have_a_lower_severity() {
    let severity = |path: &str| {
        let source = format!(
            "//- {path}
services:
  a:
    environment:
      A_PASSWORD: engine1843
"
        );
        Fixture::new(&source, [&RULE]).findings()[0].1.severity
    };
    assert_eq!(severity("docker-compose.yml"), Severity::Low);
    assert_eq!(severity("docker-compose.dev.yml"), Severity::Low);
    assert_eq!(severity("config/dev/app.yml"), Severity::Low);
    assert_eq!(severity("deploy/app.yml"), Severity::High);
}

#[test]
fn a_file_tells_who_runs_with_it() {
    let severity = |files: &str| {
        let source = format!("{files}//- config/server.toml\nadmin_password = \"engine1843\"\n");
        Fixture::new(&source, [&RULE]).findings().last().unwrap().1.severity
    };
    assert_eq!(severity("//- Dockerfile\nFROM a\nCOPY config /etc/app\n"), Severity::Critical);
    assert_eq!(severity("//- Dockerfile\nFROM a\nCOPY target/app /\n"), Severity::Medium);
    let local = "//- config/app.toml\n# For local development.\nadmin_password = \"engine1843\"\n";
    let fixture = Fixture::new(local, [&RULE]);
    assert_eq!(fixture.findings()[0].1.severity, Severity::Low);
}

#[test]
fn keys_and_administrators_open_everything() {
    let severity = |line: &str| {
        let source = format!("//- config/server.toml\n{line}\n");
        Fixture::new(&source, [&RULE]).findings()[0].1.severity
    };
    assert_eq!(severity("signing_key = \"engine1843\""), Severity::Critical);
    assert_eq!(severity("admin_password = \"engine1843\""), Severity::Critical);
    assert_eq!(severity("smtp_password = \"engine1843\""), Severity::High);
    assert_eq!(severity("token_secret = \"change-me\""), Severity::Medium);
}

#[test]
fn defaults_of_variables_are_values() {
    check(
        &RULE,
        r#"
//- docker-compose.yml
services:
  app:
    environment:
      ADMIN_PASSWORD: ${ADMIN_PASSWORD:-hunter29}
#                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^ config-secret: secret `ADMIN_PASSWORD` is committed to the repository
      DATABASE_URL: postgres://app:${DB_PASSWORD:-engine1843}@db/app
#~ config-secret
      SMTP_PASSWORD: ${SMTP_PASSWORD:?missing}
      API_KEY: ${API_KEY:-}
  other:
    environment:
      - JWT_SECRET=${JWT_SECRET-kq9x-2fjs-88ab}
#~ config-secret
      - JWT_KEY=${JWT_KEY:-your-key-here}
//- deploy/app.yaml
apiVersion: apps/v1
kind: Deployment
spec:
  containers:
    - env:
        - name: DB_PASSWORD
          value: engine1843
#                ^^^^^^^^^^ config-secret: secret `DB_PASSWORD` is committed to the repository
        - name: API_KEY
          valueFrom: { secretKeyRef: { name: api, key: api-key } }
"#,
    );
}

#[test]
fn plural_names_hold_secrets() {
    check(
        &RULE,
        r#"
//- config/users.toml
api_keys = ["x9-kk2-fjq-1123-8812", "<key>"]
#           ^^^^^^^^^^^^^^^^^^^^^^ config-secret: secret `api_keys` is committed to the repository
public_keys = ["x9-kk2-fjq-1123-8812"]
secrets = ["db-password", "smtp-password"]
[passwords]
alice = "engine"
#       ^^^^^^^^ config-secret: secret `passwords.alice` is committed to the repository
//- config/clients.yaml
access_tokens:
  client-a: "x9-kk2-fjq-1123"
#           ^^^^^^^^^^^^^^^^^ config-secret
  url: https://acme.dev/1
access_keys:
  - name: ci-1843
    key: x9-kk2-fjq-1123
#        ^^^^^^^^^^^^^^^ config-secret
"#,
    );
}

#[test]
fn what_charts_and_secrets_name_is_left_alone() {
    check(
        &RULE,
        r#"
//- deploy/monitoring/values.yaml
admin:
  existingSecret: demo-admin
  passwordKey: "password"
license:
  secretKey: "license"
caCertSecret: "root-ca-bundle"
jwtSecret: "kq9x-2fjs-88ab"
#          ^^^^^^^^^^^^^^^^ config-secret
//- k8s/secret.yaml
kind: Secret
data:
  BASE_DOMAIN: YXBwLmRlbW8uaW8=
  LOG_LEVEL: ZGVidWc=
  password: eW91cl9wYXNzd29yZA==
  admin: aHVudGVyMi1wcm9k
  token: bmlnaHRseQ==
  api_token: aHVudGVyMi1wcm9k
#            ^^^^^^^^^^^^^^^^ config-secret
"#,
    );
}

#[test]
fn values_go_on_over_lines_and_have_spaces() {
    check(
        &RULE,
        r#"
//- .env
SIGNING_KEY="-----BEGIN RSA PRIVATE KEY-----
#~ config-secret: private key is committed to the repository
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj
-----END RSA PRIVATE KEY-----"
BACKUP_PASSPHRASE="correct horse battery staple"
#~ config-secret
HINT_PASSWORD="Enter your password"
//- config/prod.toml
redis_url = "redis://:engine1843@cache:6379/0"
#           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ config-secret: password in a URL is committed to the repository
"#,
    );
}

#[test]
fn placeholders_and_refused_values_are_left_alone() {
    silent(
        &RULE,
        r#"
//- .env
SMTP_PASSWORD=your_password
API_KEY=xxxxxxxx-xxxx-xxxx
BOT_TOKEN=xxxxxxxxxx:xxxxxxxxxxxxxx_xxxxxxxxxxxxxxxxxxxx
JWT_SECRET=generate-with-openssl-rand-hex-32
SESSION_SECRET=dont-use-1843
//- config/server.toml
encryption_key = ""
//- src/main.rs
fn load(settings: Settings) -> Result<Settings, String> {
    if settings.encryption_key.is_empty() { return Err("not set".into()); }
    anyhow::ensure!(settings.session_secret != "dont-use-1843", "unsafe");
    Ok(settings)
}
"#,
    );
}
