/// Who concludes which licence a package has.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Conclusions {
    /// Nobody: the document says what packages declare, and no more.
    #[default]
    Nobodys,
    /// The author of the document, who takes what packages declare for what is so.
    ///
    /// That is a statement of a person: nothing in this crate looks at any source code.
    /// Licences that stayed ambiguous or unresolved are not concluded. In CycloneDX 1.7 a list
    /// then has two expressions, one declared and one concluded, which the schema allows and some
    /// readers do not know yet (the model of cyclonedx-python-lib 11.12).
    Authors,
}
