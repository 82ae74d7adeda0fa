super::rules! {
    non_constant_time_comparison,
    tls_verification_disabled,
    weak_crypto,
}
