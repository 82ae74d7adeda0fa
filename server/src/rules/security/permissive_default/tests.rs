use super::RULE;
use crate::rules::fixture::{check, silent};

#[test]
fn permissive_cors_is_reported() {
    check(
        &RULE,
        r#"
use tower_http::cors::{Any, CorsLayer, AllowOrigin};
fn a() -> Router { Router::new().route("/a", post(b)).layer(CorsLayer::permissive()) }
                                                          //^^^^^^^^^^^^^^^^^^^^^^^ permissive-default: `CorsLayer::permissive` lets any origin call and read the answers
fn b() -> CorsLayer { CorsLayer::very_permissive() }
                    //^^^^^^^^^^^^^^^^^^^^^^^^^^^^ permissive-default: `CorsLayer::very_permissive` lets any origin call with credentials
fn c() -> CorsLayer {
    CorsLayer::new()
        .allow_methods(Any)
        .allow_origin(Any)
       //^^^^^^^^^^^^^^^^^ permissive-default: any origin may call and read the answers
}
fn d() -> CorsLayer { CorsLayer::new().allow_origin(AllowOrigin::mirror_request()).allow_credentials(true) }
                                     //~ permissive-default: any origin may call with credentials
fn e() -> Cors { actix_cors::Cors::permissive() }
               //~ permissive-default: `Cors::permissive` lets any origin call with credentials
fn f() { actix_cors::Cors::default().allow_any_origin().supports_credentials(); }
       //~ permissive-default: any origin may call with credentials
fn g() { warp::cors().allow_any_origin().allow_methods(vec!["POST"]); }
       //~ permissive-default
fn h(r: Response) { r.headers_mut().insert("Access-Control-Allow-Origin", HeaderValue::from_static("*")); }
       //~ permissive-default: `Access-Control-Allow-Origin: *` lets any origin read the answers
// The first answer that says so stands for all.
fn i() { Response::builder().header(ACCESS_CONTROL_ALLOW_ORIGIN, "*"); }
"#,
    );
}

#[test]
fn an_api_that_only_reads_and_a_setting_are_low() {
    check(
        &RULE,
        r#"
fn a() -> Router { Router::new().route("/a", get(b)).layer(CorsLayer::permissive()) }
       //~ permissive-default: `CorsLayer::permissive` lets any origin call and read the answers (the routes only read)
fn b(dev: bool) -> CorsLayer { if dev { CorsLayer::permissive() } else { CorsLayer::new() } }
       //~ permissive-default: `CorsLayer::permissive` lets any origin call and read the answers (behind a setting)
"#,
    );
}

#[test]
fn named_origins_are_left_alone() {
    silent(
        &RULE,
        r#"
fn a() { CorsLayer::new().allow_origin(origins).allow_credentials(true); }
fn b() { CorsLayer::new().allow_origin("https://a.example".parse::<HeaderValue>()); }
fn c() { Cors::default().allowed_origin("https://a.example"); }
fn d() { Policy::permissive(); Permissions::all(); }
fn e() { index.allow_origin(Any); }
fn f() { glob("*"); header("Accept", "*"); }
#[test]
fn t() { CorsLayer::permissive(); }
"#,
    );
}

#[test]
fn limits_that_are_none_are_reported() {
    check(
        &RULE,
        r#"
fn a() { DefaultBodyLimit::max(usize::MAX); }
       //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ permissive-default: `DefaultBodyLimit` is `usize::MAX`: a peer may send as much as memory holds
fn b() { web::JsonConfig::default().limit(usize::MAX); }
       //~ permissive-default
fn c() { GreeterServer::new(g).max_decoding_message_size(usize::MAX); }
       //~ permissive-default
fn d() { web::PayloadConfig::new(8 * 1024 * 1024 * 1024); }
       //~ permissive-default
fn e() { WebSocketConfig { max_message_size: None, ..c }; }
                         //^^^^^^^^^^^^^^^^^^^^^^ permissive-default
fn f() { ws.max_message_size(usize::MAX); }
       //~ permissive-default
"#,
    );
    silent(
        &RULE,
        r#"
fn a() { DefaultBodyLimit::max(10 * 1024 * 1024); }
fn b() { query.limit(usize::MAX); i64::max(5); Vec::new(); }
fn c() { Filter { max_results: None, max_size: None }; }
fn d() { ws.max_message_size(64 << 20); GreeterServer::new(g).max_decoding_message_size(4 * 1024 * 1024); }
"#,
    );
}

#[test]
fn scripts_are_read_as_well() {
    check(
        &RULE,
        r#"//- src/worker.ts
const headers = { 'Access-Control-Allow-Origin': '*' };
//~ permissive-default: `Access-Control-Allow-Origin: *` lets any origin read the answers
//- src/app.ts
app.use('*', cors({ origin: '*', allowMethods: ['POST'] }));
//~ permissive-default: `cors` lets any origin call and read the answers
app.use(cors());
//~ permissive-default
//- src/config.ts
const origins = env.CORS_ORIGINS ?? '*';
//~ permissive-default: without the setting any origin may call and read the answers
//- src/set.ts
response.headers.set("access-control-allow-origin", "*");
//~ permissive-default
"#,
    );
    silent(
        &RULE,
        r#"//- src/worker.ts
// 'Access-Control-Allow-Origin': '*'
const headers = { 'Access-Control-Allow-Origin': env.CORS_ORIGINS };
app.use(cors({ origin: origins }));
//- test/worker.ts
const headers = { 'Access-Control-Allow-Origin': '*' };
"#,
    );
}
