use std::borrow::Cow;

use serde::Serialize;

pub(super) type Text<'a> = Cow<'a, str>;

#[derive(Serialize)]
pub(super) struct Property<'a> {
    pub(super) name: &'static str,
    pub(super) value: Text<'a>,
}
