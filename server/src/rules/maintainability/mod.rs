super::rules! {
    crate_wide_allow,
    todo_comment,
}
