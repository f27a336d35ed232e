//! The end of a run with a verdict: recorded first, then printed.

use omg_auditlog::Event;

use super::context::Context;
use super::exit::Exit;
use super::failure::Failure;
use super::output::say;

impl Context {
    /// Records what a verdict leaves in the audit log, writes the result, and gives the code of the
    /// run. A result that cannot be written neither lowers the code nor loses an event.
    pub fn conclude(
        &self,
        verdict: Exit,
        events: Vec<Event>,
        write: impl FnOnce() -> Result<(), Failure>,
    ) -> Exit {
        let logged = self.record(events);
        verdict.max(logged).max(written(write()))
    }
}

/// The code of a result that was written, or could not be.
fn written(result: Result<(), Failure>) -> Exit {
    match result {
        Ok(()) => Exit::Ok,
        Err(failure) => {
            say(&failure.to_string());
            failure.exit
        }
    }
}
