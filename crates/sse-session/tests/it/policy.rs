//! Policies: the decisions of a session that its policy is asked for.

mod rejections; // rejected responses: which end a session, and which its policy decides about
