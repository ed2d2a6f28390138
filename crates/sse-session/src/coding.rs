//! Content codings: how the head of a response names them, and which are decoded.
//!
//! A [`Decoder`] undoes the codings of a body, incrementally and without I/O, so that the
//! [machine](crate::machine) has the same bytes over every transport. Bytes that the server has
//! flushed are decoded at once.

mod decode;
#[cfg(any(feature = "gzip", feature = "deflate"))]
mod inflate;
#[cfg(feature = "deflate")]
mod deflate;
#[cfg(feature = "gzip")]
mod gzip;
#[cfg(feature = "br")]
mod brotli;
#[cfg(all(feature = "zstd", not(all(target_arch = "wasm32", target_os = "unknown"))))]
mod zstd;
mod decoder;

use http::{
    HeaderMap, HeaderValue,
    header::{CONTENT_ENCODING, HeaderName, TRANSFER_ENCODING},
};

use self::decode::Decode;
pub(crate) use self::{
    decode::DecodeError,
    decoder::{Decoded, Decoder},
};

/// Content coding that this crate can decode, with its feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// Content coding of a response that is not decoded, as its head names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Undecodable {
    /// Header that names the coding.
    pub(crate) header: HeaderName,
    /// Feature of this crate that decodes it, if one does and it is off.
    pub(crate) feature: Option<&'static str>,
}

impl Coding {
    const ALL: [Self; 4] = [Self::Gzip, Self::Deflate, Self::Brotli, Self::Zstd];

    /// Returns the name in `Content-Encoding` and `Accept-Encoding`, which is also the name of the
    /// feature.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// Returns the coding of this name, in any case. `x-gzip` is gzip (RFC 9110, section 8.4.1.3).
    fn of_name(name: &[u8]) -> Option<Self> {
        if name.eq_ignore_ascii_case(b"x-gzip") {
            return Some(Self::Gzip);
        }
        Self::ALL.into_iter().find(|coding| name.eq_ignore_ascii_case(coding.name().as_bytes()))
    }

    /// Returns a decoder of the coding, or `None` if its feature is off.
    fn decode(self) -> Option<Box<dyn Decode>> {
        match self {
            #[cfg(feature = "gzip")]
            Self::Gzip => Some(Box::new(gzip::Gzip::new())),
            #[cfg(feature = "deflate")]
            Self::Deflate => Some(Box::new(deflate::Deflate::new())),
            #[cfg(feature = "br")]
            Self::Brotli => Some(Box::new(brotli::Brotli::new())),
            #[cfg(all(feature = "zstd", not(all(target_arch = "wasm32", target_os = "unknown"))))]
            Self::Zstd => Some(Box::new(zstd::Zstd::new())),
            #[allow(unreachable_patterns)] // where all features are on
            _ => None,
        }
    }

    fn is_decoded(self) -> bool {
        match self {
            Self::Gzip => cfg!(feature = "gzip"),
            Self::Deflate => cfg!(feature = "deflate"),
            Self::Brotli => cfg!(feature = "br"),
            Self::Zstd => {
                cfg!(all(feature = "zstd", not(all(target_arch = "wasm32", target_os = "unknown"))))
            }
        }
    }
}

/// Returns the value of `Accept-Encoding`: the codings whose features are on; `None` if none is.
pub(crate) fn accept_encoding() -> Option<HeaderValue> {
    let names: Vec<_> =
        Coding::ALL.into_iter().filter(|it| it.is_decoded()).map(Coding::name).collect();
    if names.is_empty() { None } else { HeaderValue::from_str(&names.join(", ")).ok() }
}

/// Returns the codings of a body, in the order in which they were applied.
///
/// `identity` does not count, and neither do names that are not content codings: some servers send
/// `utf-8` or `none`.
pub(crate) fn codings(headers: &HeaderMap) -> Result<Vec<Coding>, Undecodable> {
    // A client that sends no `TE` receives no other transfer coding than `chunked`, which the
    // transport decodes.
    if names(headers, &TRANSFER_ENCODING).any(is_coding) {
        return Err(Undecodable { header: TRANSFER_ENCODING, feature: None });
    }
    let mut codings = Vec::new();
    for name in names(headers, &CONTENT_ENCODING).filter(|name| is_coding(name)) {
        let undecodable = |feature| Undecodable { header: CONTENT_ENCODING, feature };
        let coding = Coding::of_name(name).ok_or_else(|| undecodable(None))?;
        if !coding.is_decoded() {
            return Err(undecodable(Some(coding.name())));
        }
        if codings.len() == MAX_CODINGS {
            return Err(undecodable(None));
        }
        codings.push(coding);
    }
    Ok(codings)
}

/// Returns the members of a list (RFC 9110, section 5.6.1), over all lines of a header.
fn names<'a>(headers: &'a HeaderMap, header: &HeaderName) -> impl Iterator<Item = &'a [u8]> {
    let values = headers.get_all(header).iter();
    // A transfer coding may have parameters.
    let names = values.flat_map(|value| value.as_bytes().split(|&byte| byte == b','));
    names.map(|name| name.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii())
}

fn is_coding(name: &[u8]) -> bool {
    REGISTERED.iter().any(|coding| name.eq_ignore_ascii_case(coding.as_bytes()))
}

/// Registered content codings, without `identity`.
const REGISTERED: [&str; 12] = [
    "aes128gcm",
    "br",
    "compress",
    "dcb",
    "dcz",
    "deflate",
    "exi",
    "gzip",
    "pack200-gzip",
    "x-compress",
    "x-gzip",
    "zstd",
];

/// Number of codings in a row that are undone. Each takes memory, and a body that was compressed
/// many times can expand without bounds.
const MAX_CODINGS: usize = 4;

#[cfg(test)]
mod tests {
    use http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{CONTENT_ENCODING, TRANSFER_ENCODING},
    };

    use super::{Coding, Undecodable, accept_encoding, codings};

    fn head(name: &HeaderName, values: &[&'static str]) -> HeaderMap {
        let value = |&value| (name.clone(), HeaderValue::from_static(value));
        values.iter().map(value).collect()
    }

    #[test]
    fn names_that_are_not_a_coding_are_ignored() {
        for values in [&["identity"][..], &["none"], &["UTF-8"], &["gzipped"], &[""], &["", ","]] {
            assert_eq!(codings(&head(&CONTENT_ENCODING, values)), Ok(Vec::new()), "{values:?}");
        }
        for values in [&["chunked"][..], &["identity"], &["Chunked;x=1"]] {
            assert_eq!(codings(&head(&TRANSFER_ENCODING, values)), Ok(Vec::new()), "{values:?}");
        }
    }

    #[test]
    fn unknown_content_codings_and_transfer_codings_are_undecodable() {
        for value in ["compress", "X-Compress", "identity, exi", "dcb"] {
            let expected = Undecodable { header: CONTENT_ENCODING, feature: None };
            assert_eq!(codings(&head(&CONTENT_ENCODING, &[value])), Err(expected), "{value}");
        }
        for value in ["gzip, chunked", "deflate", "X-GZIP;q=1, chunked"] {
            let expected = Undecodable { header: TRANSFER_ENCODING, feature: None };
            assert_eq!(codings(&head(&TRANSFER_ENCODING, &[value])), Err(expected), "{value}");
        }
    }

    #[test]
    fn a_coding_whose_feature_is_off_names_the_feature() {
        for coding in Coding::ALL {
            let expected = if coding.is_decoded() {
                Ok(vec![coding])
            } else {
                let feature = Some(coding.name());
                Err(Undecodable { header: CONTENT_ENCODING, feature })
            };
            assert_eq!(codings(&head(&CONTENT_ENCODING, &[coding.name()])), expected);
            assert_eq!(coding.decode().is_some(), coding.is_decoded());
        }
    }

    #[test]
    fn accept_encoding_follows_the_features() {
        let value = accept_encoding().map(|value| value.to_str().unwrap().to_owned());
        let names = value.as_deref().unwrap_or_default();
        let names: Vec<_> = names.split(", ").filter(|name| !name.is_empty()).collect();
        let decoded = Coding::ALL.into_iter().filter(|coding| coding.is_decoded());
        assert_eq!(names, decoded.map(Coding::name).collect::<Vec<_>>());
    }

    #[cfg(all(feature = "gzip", feature = "br"))]
    #[test]
    fn codings_are_listed_in_the_order_of_the_head_and_in_any_case() {
        let cases: [(&[&str], &[Coding]); 4] = [
            (&["GZIP"], &[Coding::Gzip]),
            (&["x-gzip"], &[Coding::Gzip]),
            (&["identity, gzip"], &[Coding::Gzip]),
            (&["identity", "gzip , Br"], &[Coding::Gzip, Coding::Brotli]),
        ];
        for (values, expected) in cases {
            assert_eq!(codings(&head(&CONTENT_ENCODING, values)).unwrap(), expected);
        }
        let five = head(&CONTENT_ENCODING, &["gzip, gzip, gzip", "gzip, gzip"]);
        assert!(codings(&five).is_err());
    }
}
