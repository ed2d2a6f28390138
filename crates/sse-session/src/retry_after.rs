//! Parses the `Retry-After` header of a rejection, in both of its forms (RFC 9110, section 10.2.3).

use std::time::{Duration, SystemTime};

use http::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// Returns the delay that `Retry-After` asks for; `None` if the header is missing or invalid. If it
/// is there more than once, the longest delay counts.
///
/// A date is relative to the server's own clock, the `Date` of the same response, because the local
/// clock may be wrong. Without a `Date` it is relative to `now`.
pub(crate) fn retry_after(headers: &HeaderMap, now: Option<SystemTime>) -> Option<Duration> {
    let now = date(headers, &DATE).or(now);
    let values = headers.get_all(RETRY_AFTER).iter();
    values.filter_map(|value| delay(value.to_str().ok()?.trim_ascii(), now)).max()
}

fn delay(value: &str, now: Option<SystemTime>) -> Option<Duration> {
    // Browsers and some proxies join several fields with commas.
    let longest = |longest: Duration, part: &str| Some(longest.max(seconds(part.trim_ascii())?));
    if let Some(seconds) = value.split(',').try_fold(Duration::ZERO, longest) {
        return Some(seconds);
    }
    let then = httpdate::parse_http_date(value).ok()?;
    // A date in the past asks for no wait.
    Some(then.duration_since(now?).unwrap_or_default())
}

/// Parses `delay-seconds = 1*DIGIT`, and also a decimal fraction after it, which some servers send.
/// The fraction is rounded up, so that no attempt is too early. A number that is too large is the
/// largest.
fn seconds(value: &str) -> Option<Duration> {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, "0"));
    let is_number = [whole, fraction]
        .iter()
        .all(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    let rounds_up = fraction.bytes().any(|digit| digit != b'0');
    let whole = || whole.parse().unwrap_or(u64::MAX);
    is_number.then(|| Duration::from_secs(whole().saturating_add(rounds_up.into())))
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
    fn retry_after_may_be_a_number_of_seconds() {
        check("0", None, Some(0));
        check("120", None, Some(120));
        check(" 007 ", None, Some(7));
        check("99999999999999999999999", None, Some(u64::MAX));
        for nonsense in ["", "-1", "+1", "1s", "soon", "1 2", "0x10"] {
            check(nonsense, None, None);
        }
    }

    #[test]
    fn a_fraction_of_a_second_in_retry_after_is_rounded_up() {
        check("299.997", None, Some(300));
        check("0.5", None, Some(1));
        check(" 1.000 ", None, Some(1));
        check("0.0", None, Some(0));
        check(&format!("1.{}1", "0".repeat(4000)), None, Some(2));
        check("99999999999999999999999.9", None, Some(u64::MAX));
        for nonsense in ["5.", ".5", ".", "1.5.5", "-1.5", "+1.5", "1.-5", "1,5s", "1. 5", "1e3"] {
            check(nonsense, None, None);
        }
        check("1.5e3", None, None);
    }

    #[test]
    fn several_retry_after_headers_count_as_the_longest_valid_delay() {
        let date = "Sun, 06 Nov 1994 08:50:37 GMT";
        let cases: [(&[&str], Option<u64>); 6] = [
            (&["3", "120"], Some(120)),
            (&["120", "3"], Some(120)),
            (&["soon", "3"], Some(3)),
            (&["3", date], Some(60)),
            (&["3, 120.5"], Some(121)),
            (&["3, soon"], None),
        ];
        for (values, expected_secs) in cases {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(RETRY_AFTER, value.parse().unwrap());
            }
            let waits = retry_after(&headers, Some(SystemTime::UNIX_EPOCH + NOW));
            assert_eq!(waits, expected_secs.map(Duration::from_secs), "{headers:?}");
        }
    }

    #[test]
    fn retry_after_may_be_a_date_by_the_servers_clock() {
        let in_a_minute = "Sun, 06 Nov 1994 08:50:37 GMT";
        check(in_a_minute, None, Some(60));
        check(in_a_minute, Some("Sun, 06 Nov 1994 08:50:07 GMT"), Some(30));
        check(in_a_minute, Some("Sun, 06 Nov 1994 09:50:07 GMT"), Some(0));
        check(in_a_minute, Some("nonsense"), Some(60));
        check("Sunday, 06-Nov-94 08:50:37 GMT", None, Some(60));
        check("Sun Nov  6 08:50:37 1994", None, Some(60));
    }

    #[test]
    fn retry_after_with_a_date_is_ignored_without_a_clock() {
        let date = "Sun, 06 Nov 1994 08:50:37 GMT".parse().unwrap();
        assert_eq!(retry_after(&HeaderMap::from_iter([(RETRY_AFTER, date)]), None), None);
        assert_eq!(retry_after(&HeaderMap::new(), None), None);
    }
}
