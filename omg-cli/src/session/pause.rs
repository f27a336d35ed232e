//! Places at which a test can hold the program, to exchange files under it. A release has none.

/// Waits at a step where a test asks for it: `OMG_TEST_PAUSE` names a folder, in which the file
/// `STEP.pause` holds the program until it is removed. The file `STEP.reached` says that it waits.
#[cfg(debug_assertions)]
pub fn at(step: &str) {
    use std::path::PathBuf;
    use std::time::Duration;

    let Some(folder) = std::env::var_os("OMG_TEST_PAUSE").map(PathBuf::from) else {
        return;
    };
    let pause = folder.join(format!("{step}.pause"));
    if !pause.exists() {
        return;
    }
    // A test that cannot be told finds no file, and fails.
    let _ = std::fs::write(folder.join(format!("{step}.reached")), "");
    while pause.exists() {
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[cfg(not(debug_assertions))]
pub fn at(_: &str) {}
