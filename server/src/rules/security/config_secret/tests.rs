//! Which values of settings are reported, and which are left alone.

use super::RULE;
use crate::analysis::Severity;
use crate::rules::fixture::{check, silent};

#[test]
fn usable_values_are_reported() {
    check(
        &RULE,
        "
//- config/server.toml
auth_token = \"devtoken\"
#            ^^^^^^^^^^ config-secret: secret `auth_token` is committed to the repository
db_key = \"\"
#        ^^ config-secret: secret `db_key` is empty
[smtp]
password = \"\"
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
API_TOKEN = \"a8f5f167f44f4964e6c998dee827110c\"
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
{ \"database\": { \"password\": \"s3cr3tpw\" } }
//~ config-secret
",
    );
}

#[test]
fn a_working_default_in_documentation_is_reported() {
    check(
        &RULE,
        "
//- README.md
```toml
auth_token = \"devtoken\"
#            ^^^^^^^^^^ config-secret: secret `auth_token` has a usable value in an example
db_key = \"\"
#        ^^ config-secret
```
",
    );
}

#[test]
fn references_hashes_and_placeholders_are_left_alone() {
    for file in [
        "//- config.toml\nauth_token = \"${AUTH_TOKEN}\"\n",
        "//- config.yml\npassword: \"{{ secrets.DB }}\"\n",
        "//- config.yml\npassword: ENC[AES256_GCM,data:abc]\nsops: {}\n",
        "//- config.yml\npassword: !vault abcdef\n",
        "//- config.yml\npassword_file: /run/secrets/db\npassword: /run/secrets/db\n",
        "//- config.yml\npassword: vault:secret/db#password\n",
        "//- users.yml\npassword: $2b$12$abcdefghijklmnopqrstuv\n",
        "//- users.yml\npassword: 5f4dcc3b5aa765d61d8327deb882cf99\n",
        "//- k8s/a.yaml\nvalueFrom:\n  secretKeyRef:\n    name: db\n    key: password\n",
        "//- values.yaml\nexistingSecret: my-secret\nexistingSecretPasswordKey: admin-password\n",
        "//- .env.example\nJWT_SECRET=changeme\nAPI_KEY=your-api-key\nTOKEN=<token>\nDB_KEY=\n",
        "//- .env.sample\nDATABASE_URL=postgres://postgres:password@localhost/db\n",
        "//- config/locales/fr.yml\npassword: Mot de passe\n",
        "//- config/fr.json\n{\"messages\": {\"password\": \"Passwort\"}}\n",
        "//- config/openapi.yml\nopenapi: 3.0.0\npassword: engine1843\n",
        "//- config/test.toml\npassword = \"engine1843\"\n",
        "//- tests/config.toml\npassword = \"engine1843\"\n",
        "//- config.toml\ntoken_type = \"bearer\"\nmax_tokens = \"4096\"\ntokenizer = \"words\"\n",
        "//- config.toml\nauth_token_env = \"AUTH_TOKEN\"\ntoken = \"AUTH_TOKEN\"\n",
        "//- data/words.json\n{\"password\": \"engine1843\"}\n",
        "//- README.md\n```yaml\npassword: engine1843\n```\n",
        "//- .github/workflows/ci.yml\nenv:\n  POSTGRES_PASSWORD: postgres\n",
        "//- Dockerfile\nFROM a\nARG TOKEN\nENV TOKEN=$TOKEN\n",
        "//- Dockerfile\nFROM a\nENV DB=postgres://user:dummy@localhost/db\nFROM b\n",
        "//- .env\nPASSWORD=\nACCESS_TOKEN_EXPIRED_IN=15m\n",
        "//- config.toml\nL1_TOKEN_ADDR = \"0x4bB1B9A8e2F5E0dE5eC7b6A2f3a5E9c1D7B8F6a0\"\n",
        "//- compose.yml\nservices:\n  db:\n    environment:\n      MYSQL_RANDOM_ROOT_PASSWORD: yes\n      MYSQL_ALLOW_EMPTY_PASSWORD: '1'\n",
    ] {
        silent(&RULE, file);
    }
}

#[test]
fn files_for_development_weigh_less() {
    use crate::rules::fixture::Fixture;
    let severity = |path: &str| {
        let source = format!(
            "//- {path}\nservices:\n  a:\n    environment:\n      A_PASSWORD: engine1843\n"
        );
        Fixture::new(&source, [&RULE]).findings()[0].1.severity
    };
    assert_eq!(severity("docker-compose.yml"), Severity::High);
    assert_eq!(severity("docker-compose.dev.yml"), Severity::Medium);
    assert_eq!(severity("deploy/app.yml"), Severity::Critical);
}
