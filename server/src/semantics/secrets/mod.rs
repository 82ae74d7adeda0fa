//! What counts as a secret, for all rules: by its name, by its type, by its text, and what keeps it
//! from being shown.

mod access;
mod authenticators;
mod debug_output;
mod fields;
mod formats;
mod head_noun;
mod names;
mod settings;
mod shapes;
mod types;
mod values;

pub use access::{
    decides_access, is_about_text, is_authenticating, is_password_policy, looks_for_change,
    owner_decides_access,
};
pub use authenticators::{
    Authenticator, AuthenticatorKind, authenticator, computed_authenticator, exports_secret,
    is_expectation, is_generic, is_hashing, is_label, is_making, is_of_public_part, is_presented,
    is_restatement,
};
pub use debug_output::{Output, is_redacted_type, secret_in_output};
pub use fields::{SecretField, secret_fields};
pub use formats::{is_pem_private_key, known_format};
pub use names::{SecretKind, SecretNames, is_about_parsing, is_about_something, is_bare_token};
pub use settings::is_published_setting;
pub use shapes::{decoded_base64, has_address_shape};
pub use types::{TypeContent, is_message, is_settings, is_transferred};
pub use values::{
    SecretValue, ValuePlace, asks_to_be_replaced, has_development_mark, is_development_value,
    is_hex_digest, is_placeholder, is_plain_name, is_reference_or_public, looks_random,
    secret_value,
};
