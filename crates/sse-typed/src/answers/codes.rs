//! Codes of failures that may be temporary.

/// Returns `true` if a failure with this code, type or status may be temporary.
pub(super) fn is_transient(code: &str) -> bool {
    let is_status = code.parse::<u16>().is_ok_and(|it| matches!(it, 408 | 425 | 429 | 500..=599));
    is_status || TRANSIENT.iter().any(|it| it.eq_ignore_ascii_case(code))
}

/// Codes, types and statuses of temporary failures of OpenAI, Anthropic, Google, DeepSeek and the
/// gateways.
const TRANSIENT: &[&str] = &[
    "api_error",
    "deadline_exceeded",
    "engine_overloaded",
    "engine_overloaded_error",
    "insufficient_system_resource",
    "internal",
    "internal_error",
    "internal_server_error",
    "overloaded",
    "overloaded_error",
    "rate_limit_error",
    "rate_limit_exceeded",
    "resource_exhausted",
    "server_error",
    "service_unavailable",
    "service_unavailable_error",
    "timeout",
    "timeout_error",
    "unavailable",
];
