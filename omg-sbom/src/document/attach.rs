use super::{
    content,
    sbom::Sbom,
    serial::Reproducible,
    vulnerability::{Looked, Placement, UnknownReference, Vulnerabilities, Vulnerability},
};

impl Sbom {
    /// Attaches what a search for known vulnerabilities found, which replaces what was attached.
    ///
    /// A document to which nothing was attached says that nothing was looked for; it never says
    /// that there are none.
    ///
    /// # Errors
    ///
    /// [`UnknownReference`] if a record affects what is no component of this document.
    pub fn attach(
        &mut self,
        looked: Looked,
        placement: Placement,
        records: Vec<Vulnerability>,
    ) -> Result<(), UnknownReference> {
        self.vulnerabilities = Vulnerabilities::new(looked, placement, records, &self.components)?;
        if self.reproducible == Reproducible::Yes {
            self.serial = content::serial(self);
        }
        Ok(())
    }
}
