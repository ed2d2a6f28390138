//! Types of option values, and how they are parsed.
//!
//! Reads no files: a [`Source`] only says what to read.

use std::{path::PathBuf, str::FromStr, time::Duration};

use reqwest::header::{HeaderName, HeaderValue};
use sse_test::Redaction;

/// Source of the body or of headers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Source {
    Text(String),
    Stdin,
    File(PathBuf),
}

impl FromStr for Source {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Ok(match word.strip_prefix('@') {
            _ if word == "-" || word == "@-" => Self::Stdin,
            Some("") => return Err("no file name after @".to_owned()),
            Some(path) => Self::File(path.into()),
            None => Self::Text(word.to_owned()),
        })
    }
}

/// Header, written as `Name: value`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Header {
    pub(crate) name: HeaderName,
    pub(crate) value: HeaderValue,
}

impl FromStr for Header {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        // curl writes a header without a value as `Name;`.
        let (name, value) = line
            .split_once(':')
            .or_else(|| line.strip_suffix(';').map(|name| (name, "")))
            .ok_or_else(|| format!("invalid header `{line}`: no colon"))?;
        let named = |error: &dyn std::fmt::Display| format!("invalid header `{line}`: {error}");
        let name = HeaderName::from_str(name.trim()).map_err(|error| named(&error))?;
        let mut value = HeaderValue::from_str(value.trim()).map_err(|error| named(&error))?;
        // --verbose hides what a recording has without its value.
        value.set_sensitive(Redaction::new().hides_header(name.as_str()));
        Ok(Self { name, value })
    }
}

/// Parses a time: a number of seconds, or numbers with units.
pub(crate) fn time(word: &str) -> Result<Duration, String> {
    match word.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string()),
        Err(_) => humantime::parse_duration(word).map_err(|error| error.to_string()),
    }
}

/// Longest silence of a connection.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum IdleTimeoutArg {
    Auto,
    After(Duration),
}

impl FromStr for IdleTimeoutArg {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        if word == "auto" { Ok(Self::Auto) } else { time(word).map(Self::After) }
    }
}

/// Speed of a replay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Speed {
    /// Factor by which it is faster than the recording.
    Times(f64),
    /// Without waiting.
    Max,
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word.parse::<f64>() {
            _ if word == "max" => Ok(Self::Max),
            Ok(factor) if factor.is_finite() && factor > 0.0 => Ok(Self::Times(factor)),
            _ => Err("neither a number above 0 nor `max`".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Header, IdleTimeoutArg, Source, Speed, time};

    #[test]
    fn data_is_text_a_file_or_standard_input() {
        assert_eq!("a=1".parse(), Ok(Source::Text("a=1".to_owned())));
        assert_eq!("".parse(), Ok(Source::Text(String::new())));
        assert_eq!("-".parse(), Ok(Source::Stdin));
        assert_eq!("@-".parse(), Ok(Source::Stdin));
        assert_eq!("@a b".parse(), Ok(Source::File("a b".into())));
        assert!("@".parse::<Source>().is_err());
    }

    #[test]
    fn header_has_a_name_and_a_value() {
        let cases = [
            ("Accept: a", Some(("accept", "a", false))),
            ("accept:a:b ", Some(("accept", "a:b", false))),
            ("X-Empty;", Some(("x-empty", "", false))),
            ("Authorization: Bearer 1", Some(("authorization", "Bearer 1", true))),
            ("X-API-Key: 1", Some(("x-api-key", "1", true))),
            ("X-Auth: 1", Some(("x-auth", "1", true))),
            ("Mcp-Session-Id: 1", Some(("mcp-session-id", "1", true))),
            ("Last-Event-ID: 1", Some(("last-event-id", "1", false))),
            ("accept", None),
            ("a b: c", None),
            ("a: \u{7}", None),
        ];
        for (line, expected) in cases {
            let header = line.parse::<Header>().ok();
            let header = header.as_ref().map(|Header { name, value }| {
                (name.as_str(), value.to_str().unwrap_or_default(), value.is_sensitive())
            });
            assert_eq!(header, expected, "{line}");
        }
    }

    #[test]
    fn time_and_idle_timeout_are_in_seconds_or_have_units() {
        let millis = |millis| Ok(Duration::from_millis(millis));
        let cases = [
            ("2", millis(2000)),
            ("1.5", millis(1500)),
            ("500ms", millis(500)),
            ("2m", millis(120_000)),
            ("1h 1s", millis(3_601_000)),
        ];
        for (word, expected) in cases {
            assert_eq!(time(word), expected, "{word}");
        }
        for word in ["", "-1", "long", "1 parsec", "inf", "NaN"] {
            assert!(time(word).is_err(), "{word}");
        }
        assert_eq!("auto".parse(), Ok(IdleTimeoutArg::Auto));
        assert_eq!("3".parse(), Ok(IdleTimeoutArg::After(Duration::from_secs(3))));
    }

    #[test]
    fn speed_is_a_factor_or_max() {
        assert_eq!("0.5".parse(), Ok(Speed::Times(0.5)));
        assert_eq!("max".parse(), Ok(Speed::Max));
        for word in ["0", "-1", "inf", "NaN", "fast"] {
            assert!(word.parse::<Speed>().is_err(), "{word}");
        }
    }
}
