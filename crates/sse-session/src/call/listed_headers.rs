//! Headers of a request, as a list until the caller looks at them.

use std::{fmt, sync::OnceLock};

use http::{HeaderMap, HeaderName, HeaderValue};

/// Copy of headers that shares their values with the request: credentials that many sessions use
/// exist once. A list takes less memory than a `HeaderMap`, and a session keeps its request.
pub(super) struct ListedHeaders {
    /// The values of one name are consecutive.
    fields: Box<[(HeaderName, HeaderValue)]>,
    /// Made when it is asked for.
    map: OnceLock<Box<HeaderMap>>,
}

impl ListedHeaders {
    pub(super) fn new(headers: &HeaderMap) -> Self {
        let fields = headers.iter().map(|(name, value)| (name.clone(), value.clone()));
        Self { fields: fields.collect(), map: OnceLock::new() }
    }

    pub(super) fn get(&self) -> &HeaderMap {
        self.map.get_or_init(|| Box::new(self.to_map()))
    }

    pub(super) fn to_map(&self) -> HeaderMap {
        // The names come from a map, so that a map has room for them. The values may be more.
        let mut headers = HeaderMap::try_with_capacity(self.names().count()).unwrap_or_default();
        for (name, value) in &self.fields {
            let _ = headers.try_append(name, value.clone());
        }
        headers
    }

    pub(super) fn first(&self, name: &HeaderName) -> Option<&HeaderValue> {
        let field = self.fields.iter().find(|(own, _)| own == name)?;
        Some(&field.1)
    }

    /// Returns the names, each of them once.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.chunk_by(|(a, _), (b, _)| a == b).map(|values| values[0].0.as_str())
    }
}

impl fmt::Debug for ListedHeaders {
    /// Shows the names only: values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::ListedHeaders;

    #[test]
    fn headers_are_the_same_after_they_were_listed() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("cookie", "a=1"), ("accept", "*/*"), ("cookie", "b=2"), ("x", "")] {
            let mut value = HeaderValue::from_static(value);
            value.set_sensitive(name == "cookie");
            headers.append(HeaderName::from_static(name), value);
        }
        let listed = ListedHeaders::new(&headers);
        assert_eq!(listed.get(), &headers);
        assert_eq!(listed.to_map(), headers);
        assert_eq!(listed.first(&http::header::COOKIE).unwrap(), "a=1");
        assert_eq!(listed.first(&http::header::DATE), None);
        let sensitive = listed.get().iter().filter(|(_, value)| value.is_sensitive());
        assert_eq!(sensitive.count(), 2);
        assert_eq!(format!("{listed:?}"), r#"{"cookie", "accept", "x"}"#);
    }

    #[test]
    fn many_values_of_one_name_become_a_map() {
        let mut headers = HeaderMap::new();
        for number in 0..40_000 {
            headers.append(http::header::COOKIE, HeaderValue::from(number));
        }
        assert_eq!(ListedHeaders::new(&headers).to_map(), headers);
    }
}
