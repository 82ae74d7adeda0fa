//! Which uses of old hashes, broken ciphers and predictable values are reported.

use super::RULE;
use crate::rules::fixture::{check, silent};

#[test]
fn broken_algorithms_are_reported() {
    check(
        &RULE,
        r#"
use md5::Md5;
use sha1::{Digest, Sha1};
fn sign(x: &[u8]) {
    let a = Md5::new();
          //^^^^^^^^^^ weak-crypto: MD5 is not collision-resistant
    let b = Sha1::digest(x);
          //^^^^^^^^^^^^^^^ weak-crypto
    let c = md5::compute(x);
          //^^^^^^^^^^^^^^^ weak-crypto
    let d = openssl::hash::MessageDigest::md5();
          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ weak-crypto
    let e = ring::digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, x);
          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ weak-crypto
    let f = Cipher::aes_128_ecb();
          //^^^^^^^^^^^^^^^^^^^^^ weak-crypto: ECB mode reveals patterns of the plaintext
    let g = Cipher::des_ede3_cbc();
          //^^^^^^^^^^^^^^^^^^^^^^ weak-crypto: DES is a broken cipher
    let h = Cipher::rc4();
          //^^^^^^^^^^^^^ weak-crypto
}
"#,
    );
}

#[test]
fn predictable_values_are_reported() {
    check(
        &RULE,
        r#"
fn generate_local_peer_id() -> PeerId {
    use std::collections::hash_map::DefaultHasher;
    let mut hasher = DefaultHasher::new();
                   //^^^^^^^^^^^^^^^^^^^^ weak-crypto: id is generated from `DefaultHasher`, which is predictable
    SystemTime::now().hash(&mut hasher);
}
impl ClientId {
    fn generate() -> Self { let mut hasher = DefaultHasher::new(); }
                                           //^^^^^^^^^^^^^^^^^^^^ weak-crypto: id is generated from `DefaultHasher`, which is predictable
}
fn peer_id(addr: SocketAddr) -> u64 { hash(SystemTime::now(), DefaultHasher::new()) }
                                                            //^^^^^^^^^^^^^^^^^^^^ weak-crypto
fn new_session_token() -> String { let mut rng = SmallRng::from_entropy(); }
                                               //^^^^^^^^^^^^^^^^^^^^^^^^ weak-crypto: token is generated from `SmallRng`, which is predictable
fn nonce() -> u64 { StdRng::seed_from_u64(7).gen() }
                  //^^^^^^^^^^^^^^^^^^^^^^^^ weak-crypto
fn random_salt() { let rng = StdRng::from_seed([7; 32]); }
                           //^^^^^^^^^^^^^^^^^^^^^^^^^^ weak-crypto
fn reset() { let reset_token = fastrand::u64(..); }
                             //^^^^^^^^^^^^^^^^^ weak-crypto
fn create_token() -> u128 { SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() }
                          //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ weak-crypto: token is generated from the clock, which is predictable
"#,
    );
}

#[test]
fn checksums_caches_and_protocols_are_left_alone() {
    silent(
        &RULE,
        r#"
use md5::Md5;
use sha1::{Digest, Sha1};
fn derive_accept_key(key: &[u8]) {
    let mut sha1 = Sha1::default();
    sha1.update(key);
    sha1.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
}
fn file_checksum(x: &[u8]) { Md5::digest(x); }
fn etag(x: &[u8]) { md5::compute(x); }
fn git_object_id(x: &[u8]) { Sha1::digest(x); }
fn totp(x: &[u8]) { Hmac::<Sha1>::new_from_slice(x); }
fn peer_id(addr: SocketAddr) -> u64 { hash(addr, DefaultHasher::new()) }
impl CacheKey { fn generate(x: &str) { let mut hasher = DefaultHasher::new(); } }
fn shard(x: &str) { let mut hasher = DefaultHasher::new(); }
fn cache_key(x: &str) { let mut hasher = DefaultHasher::new(); }
type Map = HashMap<u8, u8, BuildHasherDefault<DefaultHasher>>;
fn hash_of(x: &str) -> u64 { let mut s = DefaultHasher::new(); x.hash(&mut s); s.finish() }
fn rng(seed: u64) -> StdRng { StdRng::seed_from_u64(seed) }
fn seeded(seed: [u8; 32]) -> StdRng { let token_rng = StdRng::from_seed(seed); }
fn backoff() { let jitter = fastrand::u64(..); }
fn token_timestamp() -> u128 { SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() }
mod own { struct Md5; fn f() { own::Md5::new(); } }
#[test]
fn test() { Md5::new(); }
"#,
    );
}

#[test]
fn the_tokens_of_a_parser_are_words() {
    check(
        &RULE,
        r#"
//- src/syntax/builder.rs
impl Builder { fn token(&mut self, text: &str) { let mut hasher = FxHasher::default(); } }
fn new_session_token() -> u64 { let mut hasher = FxHasher::default(); hasher.finish() }
                                               //^^^^^^^^^^^^^^^^^^^ weak-crypto: token is generated from `FxHasher`, which is predictable
"#,
    );
}

#[test]
fn the_use_decides() {
    silent(
        &RULE,
        r#"
use sha1::{Digest, Sha1};
fn put(request: Request, body: &[u8]) { request.header("Content-MD5", encode(md5::compute(body))); }
fn form(body: &[u8]) -> Form { Form { file_md5: hex(md5::compute(body)) } }
fn choose(name: &str, body: &[u8]) -> Vec<u8> { match name { "sha-1" => Sha1::digest(body).to_vec(), _ => v } }
fn sign(secret: &[u8]) { let mac = Hmac::new(Sha1::new(), secret); }
fn get_token(state: &State) -> Option<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_millis();
    (now < state.expiry).then(|| state.token.clone())
}
//- src/formats/putty.rs
fn derive(passphrase: &[u8]) { sha1::Sha1::digest(passphrase); }
"#,
    );
    check(
        &RULE,
        r#"
use ecb::Decryptor;
type Aes128Ecb = ecb::Encryptor<aes::Aes128>;
               //^^^^^^^^^^^^^^^^^^^^^^^^^^^ weak-crypto: ECB mode reveals patterns of the plaintext
fn open(key: &Key) { Decryptor::<Aes256>::new(key); }
                   //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ weak-crypto
fn checked(password: &str) -> String { hex(md5::compute(password)) }
                                         //^^^^^^^^^^^^^^^^^^^^^^ weak-crypto: MD5 is not collision-resistant
"#,
    );
}

#[test]
fn callers_say_what_a_helper_is_for() {
    check(
        &RULE,
        r#"
//- src/tools.rs
fn md5_hex(text: &str) -> String { hex(md5::compute(text)) }
                                     //^^^^^^^^^^^^^^^^^^ weak-crypto: MD5 is not collision-resistant
fn sha1_hex(text: &str) -> String { hex(sha1::Sha1::digest(text)) }
                                      //^^^^^^^^^^^^^^^^^^^^^^^^ weak-crypto: SHA-1 is not collision-resistant (no secret is known to be hashed)
fn letters(length: usize) -> String { (0..length).map(|_| fastrand::alphanumeric()).collect() }
                                                        //^^^^^^^^^^^^^^^^^^^^^^^^ weak-crypto: `letters` makes secrets from `fastrand::alphanumeric`, which is predictable
fn color() -> u8 { fastrand::u8(..) }
//- src/account.rs
fn store(password: &str) -> String { crate::tools::md5_hex(password) }
fn log_in() -> Session { Session { token: tools::letters(32), color: tools::color() } }
"#,
    );
}
