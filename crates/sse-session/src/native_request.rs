//! Parts of requests that only their transport understands.

use std::any::Any;

use crate::threads::MaybeSend;

/// Part of a request that only its transport understands, such as a body that is a stream.
///
/// The session asks only for copies, to repeat the request. The transport takes it with
/// [`SendContext::take_native`](crate::SendContext::take_native).
pub trait NativeRequest: Any + MaybeSend {
    /// Returns a copy for another request, or `None` if this one can be sent only once.
    fn try_clone(&self) -> Option<Box<dyn NativeRequest>>;

    /// Returns the part as a type that the transport can recognize.
    fn as_any(&self) -> &dyn Any;

    /// Returns the part as a type that the transport can take.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}
