use crate::analysis::{Area, Rule};

pub(super) mod async_lock_across_await;
pub(super) mod bare_question_mark;
pub(super) mod cancel_unsafe_select;
pub(super) mod check_then_act;
pub(super) mod cleanup_not_scheduled;
pub(super) mod crypto_provider_unset;
pub(super) mod exit_skips_cleanup;
pub(super) mod expect_used;
pub(super) mod ignored_error;
pub(super) mod in_memory_rate_limit;
pub(super) mod inconsistent_setting;
pub(super) mod lock_across_await;
pub(super) mod lock_unwrap;
mod make_fallible;
pub(super) mod missing_cron_trigger;
pub(super) mod missing_timeout;
pub(super) mod no_graceful_shutdown;
pub(super) mod non_atomic_write;
pub(super) mod panic_in_drop;
pub(super) mod panic_used;
pub(super) mod panicking_index;
pub(super) mod rate_limit_without_retry_after;
pub(super) mod retry_without_backoff;
pub(super) mod unbounded_queue;
pub(super) mod undocumented_unsafe;
pub(super) mod unfinished_code;
pub(super) mod unflushed_writer;
pub(super) mod unlogged_join_error;
pub(super) mod unwrap_used;

/// The area of the rules in this folder.
const AREA: Area = Area::Reliability;

pub(super) static RULES: &[&Rule] = &[
    &crypto_provider_unset::RULE,
    &panic_used::RULE,
    &panicking_index::RULE,
    &undocumented_unsafe::RULE,
    &unfinished_code::RULE,
    &ignored_error::RULE,
    &inconsistent_setting::RULE,
    &lock_across_await::RULE,
    &missing_cron_trigger::RULE,
    &unbounded_queue::RULE,
    &expect_used::RULE,
    &lock_unwrap::RULE,
    &unwrap_used::RULE,
    &panic_in_drop::RULE,
    &cancel_unsafe_select::RULE,
    &non_atomic_write::RULE,
    &check_then_act::RULE,
    &unlogged_join_error::RULE,
    &unflushed_writer::RULE,
    &exit_skips_cleanup::RULE,
    &async_lock_across_await::RULE,
    &bare_question_mark::RULE,
    &missing_timeout::RULE,
    &no_graceful_shutdown::RULE,
    &cleanup_not_scheduled::RULE,
    &retry_without_backoff::RULE,
    &rate_limit_without_retry_after::RULE,
    &in_memory_rate_limit::RULE,
];
