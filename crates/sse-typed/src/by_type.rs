//! Deserializer of an enum whose variant is named by the event type.
//!
//! Responsible for choosing the variant; the content's own deserializer does the rest, whatever its
//! format. Types other than enums are deserialized from the content alone.

use core::{any::type_name, error::Error, fmt};

use serde::{
    Deserialize,
    de::{
        self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, VariantAccess, Visitor,
    },
};

/// Decodes an enum whose variant is named by the event type, in any format of serde (feature `json`
/// or `serde`).
///
/// For JSON there is [`deserialize_by_type`](crate::deserialize_by_type), which documents how
/// variants are chosen. The content of a unit variant is not deserialized. A deserializer that
/// parses its text on construction, such as that of TOML, may fail before the variant is known.
///
/// ```
/// use serde::Deserialize;
/// use sse_typed::{ServerSentEvent, by_type};
///
/// #[derive(Debug, PartialEq, Deserialize)]
/// #[serde(rename_all = "snake_case")]
/// enum Update {
///     Customer { name: String },
///     Closing,
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let event = ServerSentEvent::builder().event("customer").data("name = 'Ada'").build()?;
/// let update: Update = by_type(event.event_type(), toml::Deserializer::parse(event.data())?)?;
/// assert_eq!(update, Update::Customer { name: "Ada".into() });
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Returns an error if no variant has the name of the event type and none is `#[serde(other)]`, or
/// if the content does not match the variant.
pub fn by_type<'de, T, D>(event_type: &str, content: D) -> Result<T, ByTypeError<D::Error>>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(ByType { event_type, content, read: &mut Read::Nothing })
}

/// Error of [`by_type`] (feature `json` or `serde`).
#[derive(Debug)]
pub struct ByTypeError<E>(pub(crate) Kind<E>);

#[derive(Debug)]
pub(crate) enum Kind<E> {
    /// No variant has this name; these are the names.
    UnknownType(&'static [&'static str]),
    Content(E),
}

impl<E> ByTypeError<E> {
    /// Returns `true` if no variant has the name of the event type.
    #[must_use]
    pub fn is_unknown_type(&self) -> bool {
        matches!(self.0, Kind::UnknownType(_))
    }

    /// Returns the error of the content's deserializer, if the event type is known.
    #[must_use]
    pub fn content_error(&self) -> Option<&E> {
        match &self.0 {
            Kind::UnknownType(_) => None,
            Kind::Content(error) => Some(error),
        }
    }
}

impl<E: fmt::Display> fmt::Display for ByTypeError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::UnknownType(known) => write_unknown_type(f, known),
            Kind::Content(error) => error.fmt(f),
        }
    }
}

impl<E: Error> Error for ByTypeError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.content_error().and_then(E::source)
    }
}

impl<E: de::Error> de::Error for ByTypeError<E> {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Kind::Content(E::custom(message)))
    }
}

pub(crate) fn write_unknown_type(f: &mut impl fmt::Write, known: &[&str]) -> fmt::Result {
    f.write_str("unknown event type")?;
    for (index, name) in known.iter().enumerate() {
        write!(f, "{}`{name}`", if index == 0 { ", expected " } else { " or " })?;
    }
    Ok(())
}

/// Deserializer of an event.
pub(crate) struct ByType<'a, D> {
    pub(crate) event_type: &'a str,
    pub(crate) content: D,
    pub(crate) read: &'a mut Read,
}

/// Part of the content that was read.
pub(crate) enum Read {
    /// Nothing: a unit variant has none.
    Nothing,
    /// All of it, as a value of the requested type.
    Whole,
    /// All of it, as a value of this type, the content of a newtype variant.
    #[cfg_attr(not(feature = "json"), allow(dead_code, reason = "for the errors of JSON"))]
    Variant(&'static str),
}

/// Forwards the methods for types other than enums to the content's deserializer.
macro_rules! content_alone {
    ($($method:ident($($arg:ident: $ty:ty),*))*) => {
        $(
            #[inline(always)]
            fn $method<V: Visitor<'de>>(self, $($arg: $ty,)* visitor: V) -> Result<V::Value, Self::Error> {
                *self.read = Read::Whole;
                self.content.$method($($arg,)* visitor).map_err(content_error)
            }
        )*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for ByType<'_, D> {
    type Error = ByTypeError<D::Error>;

    #[inline(always)]
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_enum(Variant { event: self, variants })
    }

    content_alone! {
        deserialize_any()
        deserialize_bool()
        deserialize_i8()
        deserialize_i16()
        deserialize_i32()
        deserialize_i64()
        deserialize_i128()
        deserialize_u8()
        deserialize_u16()
        deserialize_u32()
        deserialize_u64()
        deserialize_u128()
        deserialize_f32()
        deserialize_f64()
        deserialize_char()
        deserialize_str()
        deserialize_string()
        deserialize_bytes()
        deserialize_byte_buf()
        deserialize_option()
        deserialize_unit()
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_seq()
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_map()
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_identifier()
        deserialize_ignored_any()
    }

    fn is_human_readable(&self) -> bool {
        self.content.is_human_readable()
    }
}

struct Variant<'a, D> {
    event: ByType<'a, D>,
    variants: &'static [&'static str],
}

impl<'a, 'de, D: Deserializer<'de>> EnumAccess<'de> for Variant<'a, D> {
    type Error = ByTypeError<D::Error>;
    type Variant = Content<'a, D>;

    #[inline(always)]
    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self::Variant), Self::Error> {
        let ByType { event_type, content, read } = self.event;
        match seed.deserialize(event_type.into_deserializer()) {
            Ok(variant) => Ok((variant, Content { content, read })),
            Err(NoSuchName) => Err(ByTypeError(Kind::UnknownType(self.variants))),
        }
    }
}

/// Content of a variant.
struct Content<'a, D> {
    content: D,
    read: &'a mut Read,
}

impl<'de, D: Deserializer<'de>> VariantAccess<'de> for Content<'_, D> {
    type Error = ByTypeError<D::Error>;

    #[inline(always)]
    fn unit_variant(self) -> Result<(), Self::Error> {
        Ok(())
    }

    #[inline(always)]
    fn newtype_variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<S::Value, Self::Error> {
        *self.read = Read::Variant(type_name::<S::Value>());
        seed.deserialize(self.content).map_err(content_error)
    }

    #[inline(always)]
    fn tuple_variant<V: Visitor<'de>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.read = Read::Whole;
        self.content.deserialize_tuple(len, visitor).map_err(content_error)
    }

    #[inline(always)]
    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.read = Read::Whole;
        self.content.deserialize_struct("", fields, visitor).map_err(content_error)
    }
}

fn content_error<E>(error: E) -> ByTypeError<E> {
    ByTypeError(Kind::Content(error))
}

/// Error for an unknown variant. Takes no message, so that an event to be skipped costs no memory.
#[derive(Debug)]
struct NoSuchName;

impl fmt::Display for NoSuchName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such name")
    }
}

impl Error for NoSuchName {}

impl de::Error for NoSuchName {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }
}
