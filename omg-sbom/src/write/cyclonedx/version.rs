/// A version of the specification.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Version {
    /// 1.5, which the most readers understand.
    #[default]
    V1_5,
    /// 1.6.
    V1_6,
    /// 1.7.
    V1_7,
}

impl Version {
    /// As the specification writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1_5 => "1.5",
            Self::V1_6 => "1.6",
            Self::V1_7 => "1.7",
        }
    }
}
