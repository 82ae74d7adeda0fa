use super::*;
use crate::rules::fixture::{check, fixed, silent};

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
VOLUME /data
CMD x"#,
        ),
    );
    let expected = r#"FROM alpine
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
USER root
CMD x"#,
        ),
    );
    assert_eq!(
        files["Dockerfile"],
        r#"FROM scratch
USER 65532:65532
CMD x
"#
    );
    assert!(Dockerfile::parse(&files["Dockerfile"]).is_ok());
}
