//! What a closure makes of an event.

/// The answer of a closure that has looked at an event.
///
/// A closure that neither skips nor stops may answer with a `Result` instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoded<T, E> {
    /// The event is this value.
    Value(T),
    /// The event is of no interest: go on with the next one.
    Skip,
    /// The event is the last one, and is not given out itself: the stream of values ends.
    Stop,
    /// The event should have been a value, but is not.
    Failed(E),
}

/// What a closure may answer with: a [`Decoded`], or a `Result`, of which `Ok` is a value and
/// `Err` a failure.
///
/// This trait is sealed.
pub trait IntoDecoded: sealed::Sealed {
    /// The type that events are decoded to.
    type Value;
    /// The type that tells why one could not be.
    type Error;

    /// Turns the answer into its general form.
    fn into_decoded(self) -> Decoded<Self::Value, Self::Error>;
}

impl<T, E> IntoDecoded for Decoded<T, E> {
    type Value = T;
    type Error = E;

    fn into_decoded(self) -> Self {
        self
    }
}

impl<T, E> IntoDecoded for Result<T, E> {
    type Value = T;
    type Error = E;

    fn into_decoded(self) -> Decoded<T, E> {
        match self {
            Ok(value) => Decoded::Value(value),
            Err(error) => Decoded::Failed(error),
        }
    }
}

mod sealed {
    #[allow(unnameable_types)] // That is what seals it.
    pub trait Sealed {}

    impl<T, E> Sealed for super::Decoded<T, E> {}
    impl<T, E> Sealed for Result<T, E> {}
}
