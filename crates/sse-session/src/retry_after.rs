//! Parses the `Retry-After` header of a rejection, in both of its forms (RFC 9110, section 10.2.3).

use std::time::{Duration, SystemTime};

use http::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// Returns the delay that `Retry-After` asks for; `None` if the header is missing or invalid.
///
/// A date is relative to the server's own clock, the `Date` of the same response, because the local
/// clock may be wrong. Without a `Date` it is relative to `now`.
pub(crate) fn retry_after(headers: &HeaderMap, now: Option<SystemTime>) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim_ascii();
    if let Some(seconds) = seconds(value) {
        return Some(seconds);
    }
    let then = httpdate::parse_http_date(value).ok()?;
    let now = date(headers, &DATE).or(now)?;
    // A date in the past asks for no wait.
    Some(then.duration_since(now).unwrap_or_default())
}

/// Parses `delay-seconds = 1*DIGIT`. A number that is too large is the largest.
fn seconds(value: &str) -> Option<Duration> {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Duration::from_secs(value.parse().unwrap_or(u64::MAX)))
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use http::header::{DATE, HeaderMap, RETRY_AFTER};

    use super::retry_after;

    /// Sunday, 6 November 1994, 08:49:37, by our clock.
    const NOW: Duration = Duration::from_secs(784_111_777);

    #[track_caller]
    fn check(value: &str, date: Option<&str>, expected_secs: Option<u64>) {
        let mut headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
        headers.extend(date.map(|date| (DATE, date.parse().unwrap())));
        let waits = retry_after(&headers, Some(SystemTime::UNIX_EPOCH + NOW));
        assert_eq!(waits, expected_secs.map(Duration::from_secs), "{value:?} {date:?}");
    }

    #[test]
    fn it_may_be_a_number_of_seconds() {
        check("0", None, Some(0));
        check("120", None, Some(120));
        check(" 007 ", None, Some(7));
        check("99999999999999999999999", None, Some(u64::MAX));
        for nonsense in ["", "-1", "+1", "1.5", "1s", "soon"] {
            check(nonsense, None, None);
        }
    }

    #[test]
    fn it_may_be_a_date_by_the_servers_clock() {
        let in_a_minute = "Sun, 06 Nov 1994 08:50:37 GMT";
        check(in_a_minute, None, Some(60));
        check(in_a_minute, Some("Sun, 06 Nov 1994 08:50:07 GMT"), Some(30));
        check(in_a_minute, Some("Sun, 06 Nov 1994 09:50:07 GMT"), Some(0));
        check(in_a_minute, Some("nonsense"), Some(60));
        check("Sunday, 06-Nov-94 08:50:37 GMT", None, Some(60));
        check("Sun Nov  6 08:50:37 1994", None, Some(60));
    }

    #[test]
    fn without_any_clock_a_date_says_nothing() {
        let date = "Sun, 06 Nov 1994 08:50:37 GMT".parse().unwrap();
        assert_eq!(retry_after(&HeaderMap::from_iter([(RETRY_AFTER, date)]), None), None);
        assert_eq!(retry_after(&HeaderMap::new(), None), None);
    }
}
