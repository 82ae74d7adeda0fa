use super::*;
use crate::project::docker::dockerfile::Dockerfile;
use crate::rules::fixture::{check, fixed, no_fix, silent};

fn dockerfile(lines: &str) -> String {
    format!(
        r#"//- Dockerfile
{lines}
"#
    )
}

#[test]
fn the_stage_that_compose_names_is_shipped() {
    check(
        &RULE,
        r#"//- compose.yml
services:
  a:
    build:
      context: .
      target: app
//- Dockerfile
FROM debian AS app
CMD x
#~ dockerfile-user
FROM app AS checked
USER app
CMD y
"#,
    );
}

#[test]
fn an_image_that_runs_as_root_is_reported() {
    check(
        &RULE,
        &dockerfile(
            r#"FROM rust:1.88 AS build
USER builder
RUN cargo build
FROM debian:12-slim
COPY --from=build /x /usr/bin/x
ENTRYPOINT ["x"]
#~ dockerfile-user: the image runs as root: no `USER` is set
CMD ["serve"]"#,
        ),
    );
    check(
        &RULE,
        &dockerfile(
            r#"FROM alpine AS base
USER app
FROM base
USER root
#    ^^^^ dockerfile-user: the image runs as `root`
CMD x"#,
        ),
    );
    check(
        &RULE,
        &dockerfile(
            r#"FROM scratch
COPY x /x
CMD ["/x"]
#~ dockerfile-user"#,
        ),
    );
    check(
        &RULE,
        &dockerfile(
            r#"ARG V=bookworm
FROM gcr.io/distroless/cc-debian12:latest
USER 0:0
#    ^^^ dockerfile-user
CMD ["/x"]"#,
        ),
    );
}

#[test]
fn a_data_folder_owned_by_root_is_reported() {
    check(
        &RULE,
        &dockerfile(
            r#"FROM debian
ENV APP_DATA_DIR=/var/lib/app
USER nobody
#    ^^^^^^ dockerfile-user: `nobody` cannot write to `/var/lib/app`, which is owned by root
CMD app"#,
        ),
    );
    check(
        &RULE,
        &dockerfile(
            r#"FROM debian
RUN useradd -m app && mkdir -p /data && chown app /etc/app
VOLUME ["/data"]
USER app
#    ^^^ dockerfile-user: `app` cannot write to `/data`, which is owned by root
CMD app"#,
        ),
    );
}

#[test]
fn folders_that_the_user_can_write_to_are_silent() {
    for lines in [
        r#"RUN mkdir /data && chown -R app:app /data
VOLUME /data
USER app"#,
        r#"RUN install -d -o app /data
VOLUME /data
USER app"#,
        r#"RUN useradd -d /data app
VOLUME /data
USER app"#,
        r#"RUN chown app $DIR
VOLUME /data
USER app"#,
        r#"COPY --chown=app x /data/
VOLUME /data
USER app"#,
        r#"USER app
WORKDIR /data
VOLUME /data"#,
        r#"ENV APP_DATA_DIR=/tmp/x DATA_DIR=$HOME/x
USER app"#,
        r#"RUN mkdir -p /app/data && chown -R 1000 /app
ENV STORAGE_DIR=/app/data
USER 1000"#,
    ] {
        silent(
            &RULE,
            &dockerfile(&format!(
                r#"FROM debian
{lines}
CMD app"#
            )),
        );
    }
}

#[test]
fn images_with_another_user_or_without_a_program_are_left_alone() {
    for lines in [
        r#"FROM debian
USER app
CMD x"#,
        r#"FROM debian AS base
USER 1000:1000
FROM base
CMD x"#,
        r#"FROM gcr.io/distroless/cc-debian12:nonroot
CMD ["/x"]"#,
        r#"FROM cgr.dev/chainguard/static
CMD ["/x"]"#,
        r#"FROM nginxinc/nginx-unprivileged
CMD x"#,
        r#"FROM registry.example.org/base:1
CMD x"#,
        r#"ARG BASE
FROM ${BASE}
CMD x"#,
        r#"FROM scratch
USER 1000
CMD ["/x"]"#,
        r#"FROM rust:1.88
RUN cargo build"#,
        r#"FROM debian
RUN apt-get install -y gosu
ENTRYPOINT ["/start"]"#,
    ] {
        silent(&RULE, &dockerfile(lines));
    }
    silent(
        &RULE,
        r#"//- .devcontainer/Dockerfile
FROM debian
CMD bash
"#,
    );
    silent(
        &RULE,
        r#"//- docker/start.sh
exec su-exec app "$@"
//- Dockerfile
FROM alpine
COPY docker/start.sh /entrypoint.sh
ENTRYPOINT ["/entrypoint.sh"]
"#,
    );
    silent(
        &RULE,
        r#"//- compose.yaml
services:
  a:
    build: .
    user: "1000"
//- Dockerfile
FROM alpine
CMD x
"#,
    );
    silent(
        &RULE,
        r#"//- k8s/a.yaml
spec:
  securityContext:
    runAsNonRoot: true
//- Dockerfile
FROM alpine
CMD x
"#,
    );
}

#[test]
fn a_user_is_set_and_owns_the_data() {
    let files = fixed(
        &RULE,
        &dockerfile(
            r#"FROM alpine
COPY x /usr/bin/
VOLUME /data
CMD x"#,
        ),
    );
    let expected = r#"FROM alpine
COPY x /usr/bin/
VOLUME /data
RUN mkdir -p /data && chown -R 65532:65532 /data
USER 65532:65532
CMD x
"#;
    assert_eq!(files["Dockerfile"], expected);
    let files = fixed(
        &RULE,
        &dockerfile(
            r#"FROM scratch
COPY x /x
USER root
CMD ["/x"]"#,
        ),
    );
    assert_eq!(
        files["Dockerfile"],
        r#"FROM scratch
COPY x /x
USER 65532:65532
CMD ["/x"]
"#
    );
    assert!(Dockerfile::parse(&files["Dockerfile"]).is_ok());
}

#[test]
fn arguments_and_owners_of_copies_are_followed() {
    check(
        &RULE,
        &dockerfile(
            r#"FROM debian AS base
ARG RUN_AS=root
ENV APP_USER=${RUN_AS}
FROM base
USER ${APP_USER:-app}:0
#    ^^^^^^^^^^^^^^^^^^ dockerfile-user: the image runs as `root:0`, the default of `${APP_USER:-app}:0`
CMD x"#,
        ),
    );
    for lines in [
        r#"FROM debian
ARG USER_ID
USER $USER_ID
CMD x"#,
        r#"FROM rust AS build
RUN install -d -o 1000 /out/data
FROM debian
COPY --from=build /out /srv/app
VOLUME /srv/app/data
USER 1000
CMD x"#,
        r#"FROM debian
COPY --from=registry.example.com/data /data /data
VOLUME /data
USER 1000
CMD x"#,
    ] {
        silent(&RULE, &dockerfile(lines));
    }
    check(
        &RULE,
        &dockerfile(
            r#"FROM rust AS build
RUN mkdir -p /out/data && chown 1000 /other
FROM debian
COPY --from=build /out /srv/app
VOLUME /srv/app/data
USER 1000
#~ dockerfile-user: `1000` cannot write to `/srv/app/data`, which is owned by root
CMD x"#,
        ),
    );
}

#[test]
fn a_user_is_not_set_for_what_is_not_known() {
    for lines in [
        "CMD [\"/bin/sh\", \"/entry.sh\"]",
        "CMD update-ca-certificates && x",
        "CMD x --data /var/lib/x",
        "ENTRYPOINT [\"/init\"]",
        "CMD x\nRUN chmod +x /usr/bin/x",
        "CMD nginx",
    ] {
        let source = dockerfile(&format!("FROM debian\nCOPY x /usr/bin/\n{lines}"));
        no_fix(&RULE, &source);
    }
    no_fix(
        &RULE,
        r#"//- entry.sh
#!/bin/sh
update-ca-certificates
exec x
//- Dockerfile
FROM debian
COPY x /usr/bin/
COPY entry.sh /
ENTRYPOINT ["/entry.sh"]
"#,
    );
    let files = fixed(
        &RULE,
        r#"//- share/entry
#!/bin/sh
set -e
export A=1
exec x "$@"
//- Dockerfile
FROM debian
COPY x /usr/bin/
COPY share/entry /usr/local/bin/start
ENTRYPOINT ["tini", "--", "/usr/local/bin/start"]
"#,
    );
    assert!(files["Dockerfile"].contains("USER 65532:65532\nENTRYPOINT"));
}
