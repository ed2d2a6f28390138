//! Words of the command line in, values out.
//!
//! Reads no files: it only knows where something is to be read from.

use std::{path::PathBuf, str::FromStr, time::Duration};

use reqwest::header::{HeaderName, HeaderValue};

/// Where the body, or headers, come from.
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
            Some("") => return Err("no file after the @".to_owned()),
            Some(path) => Self::File(path.into()),
            None => Self::Text(word.to_owned()),
        })
    }
}

/// `Name: value`.
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
            .ok_or_else(|| format!("`{line}` is no header: it has no colon"))?;
        let named = |error: &dyn std::fmt::Display| format!("`{line}` is no header: {error}");
        let name = HeaderName::from_str(name.trim()).map_err(|error| named(&error))?;
        let mut value = HeaderValue::from_str(value.trim()).map_err(|error| named(&error))?;
        value.set_sensitive(is_secret(&name));
        Ok(Self { name, value })
    }
}

/// Whether --verbose hides the value.
fn is_secret(name: &HeaderName) -> bool {
    let name = name.as_str();
    ["authorization", "cookie", "token", "key", "secret"].iter().any(|word| name.contains(word))
}

/// A time: seconds, or with units.
pub(crate) fn time(word: &str) -> Result<Duration, String> {
    match word.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string()),
        Err(_) => humantime::parse_duration(word).map_err(|error| error.to_string()),
    }
}

/// How long a connection may be silent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Silence {
    Auto,
    For(Duration),
}

impl FromStr for Silence {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        if word == "auto" { Ok(Self::Auto) } else { time(word).map(Self::For) }
    }
}

/// How fast a recording is replayed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Speed {
    /// So many times as fast as it was.
    Times(f64),
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

    use super::{Header, Silence, Source, Speed, time};

    #[test]
    fn a_source_is_text_or_says_where_to_read() {
        assert_eq!("a=1".parse(), Ok(Source::Text("a=1".to_owned())));
        assert_eq!("".parse(), Ok(Source::Text(String::new())));
        assert_eq!("-".parse(), Ok(Source::Stdin));
        assert_eq!("@-".parse(), Ok(Source::Stdin));
        assert_eq!("@a b".parse(), Ok(Source::File("a b".into())));
        assert!("@".parse::<Source>().is_err());
    }

    #[test]
    fn a_header_has_a_name_and_a_value() {
        let cases = [
            ("Accept: a", Some(("accept", "a", false))),
            ("accept:a:b ", Some(("accept", "a:b", false))),
            ("X-Empty;", Some(("x-empty", "", false))),
            ("Authorization: Bearer 1", Some(("authorization", "Bearer 1", true))),
            ("X-API-Key: 1", Some(("x-api-key", "1", true))),
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
    fn a_time_is_in_seconds_or_has_units() {
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
        assert_eq!("auto".parse(), Ok(Silence::Auto));
        assert_eq!("3".parse(), Ok(Silence::For(Duration::from_secs(3))));
    }

    #[test]
    fn a_speed_is_a_factor_or_no_waiting() {
        assert_eq!("0.5".parse(), Ok(Speed::Times(0.5)));
        assert_eq!("max".parse(), Ok(Speed::Max));
        for word in ["0", "-1", "inf", "NaN", "fast"] {
            assert!(word.parse::<Speed>().is_err(), "{word}");
        }
    }
}
