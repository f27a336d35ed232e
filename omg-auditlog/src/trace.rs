//! Spans for whoever measures (feature `tracing`); without the feature, nothing.

/// Enters a span of level DEBUG until the end of the block.
#[cfg(feature = "tracing")]
macro_rules! span {
    ($name:literal $(, $field:ident = $value:expr)*) => {
        let _span = tracing::debug_span!(target: "omg_auditlog", $name $(, $field = $value)*)
            .entered();
    };
}

#[cfg(not(feature = "tracing"))]
macro_rules! span {
    ($name:literal $(, $field:ident = $value:expr)*) => {};
}

pub(crate) use span;
