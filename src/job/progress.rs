//! How far a job is, how fast it goes, and how long it will take.

use std::time::{Duration, Instant};

/// At most this often a job tells of its progress: 20 times a second.
pub(super) const INTERVAL: Duration = Duration::from_millis(50);

/// The speed is an average over about this time, so that it can be read.
const SMOOTHING: Duration = Duration::from_secs(2);

/// Making a file takes about as long as writing so many bytes. Without it, thousands of empty files would be no work.
const FILE: u64 = 32 << 10;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of file data.
    Bytes,
    /// Files and folders.
    Entries,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// How much is done, in [`unit`](Self::unit).
    pub done: u64,
    /// How much there is to do, where that is known.
    pub total: Option<u64>,
    /// What is counted.
    pub unit: Unit,
    /// Files done, and files in all, where the job works through files.
    pub files: Option<(u64, u64)>,
    /// What is being worked on, such as the path of a file; may be empty.
    pub current: String,
    /// Units a second, smoothed; 0 until it can be told.
    pub per_second: f64,
    /// Time left, where it can be told.
    pub left: Option<Duration>,
}

impl Progress {
    /// Progress without a known end.
    pub fn so_far(done: u64, unit: Unit) -> Self {
        Self { done, total: None, unit, files: None, current: String::new(), per_second: 0.0, left: None }
    }

    /// Progress towards a known end.
    pub fn of(done: u64, total: u64, unit: Unit) -> Self {
        Self { total: Some(total), ..Self::so_far(done, unit) }
    }

    /// Names what is being worked on.
    pub fn with_current(self, current: impl Into<String>) -> Self {
        Self { current: current.into(), ..self }
    }

    /// Adds the number of files that are done, and of all.
    pub fn with_files(self, done: u64, total: u64) -> Self {
        Self { files: Some((done, total)), ..self }
    }

    /// The part that is done, 0 to 1, where the end is known.
    pub fn fraction(&self) -> Option<f32> {
        self.total?;
        let (done, total) = self.work();
        Some(if total > 0.0 { (done / total).clamp(0.0, 1.0) as f32 } else { 1.0 })
    }

    /// The work that is done, and all of it where that is known: the files count beside the bytes in them.
    fn work(&self) -> (f64, f64) {
        let (files, all) = self.files.filter(|_| self.unit == Unit::Bytes).unwrap_or_default();
        let work = |done: u64, files: u64| done as f64 + files as f64 * FILE as f64;
        (work(self.done, files), work(self.total.unwrap_or(0), all))
    }
}

/// Lets through as many reports as [`INTERVAL`] allows, and measures the speed from one to the next.
#[derive(Debug, Default)]
pub(super) struct Meter {
    last: Option<Measured>,
    per_second: Option<f64>,
    /// Work a second, which tells the time left.
    work: Option<f64>,
}

/// How far the job was at the last report.
#[derive(Debug, Clone, Copy)]
struct Measured {
    at: Instant,
    done: u64,
    work: f64,
}

impl Meter {
    /// True when it is time for another report.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.last.is_none_or(|last| now.saturating_duration_since(last.at) >= INTERVAL)
    }

    /// Adds speed and time left to a report that is about to be sent.
    pub(super) fn complete(&mut self, now: Instant, mut progress: Progress) -> Progress {
        let (work, all) = progress.work();
        if let Some(last) = self.last {
            let seconds = now.saturating_duration_since(last.at).as_secs_f64().max(1e-6);
            let weight = 1.0 - (-seconds / SMOOTHING.as_secs_f64()).exp();
            let smooth = |before: Option<f64>, speed: f64| before.map_or(speed, |old| old + (speed - old) * weight);
            let speed = progress.done.saturating_sub(last.done) as f64 / seconds;
            self.per_second = Some(smooth(self.per_second, speed));
            self.work = Some(smooth(self.work, (work - last.work).max(0.0) / seconds));
        }
        self.last = Some(Measured { at: now, done: progress.done, work });
        progress.per_second = self.per_second.unwrap_or(0.0);
        progress.left = self
            .work
            .filter(|speed| *speed > 0.0 && progress.total.is_some())
            .and_then(|speed| Duration::try_from_secs_f64((all - work).max(0.0) / speed).ok());
        progress
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_and_time_left_follow_from_the_reports() {
        let start = Instant::now();
        let mut meter = Meter::default();
        let first = meter.complete(start, Progress::of(0, 1000, Unit::Bytes));
        assert_eq!((first.per_second, first.left), (0.0, None));
        assert!(!meter.is_due(start + Duration::from_millis(49)));
        assert!(meter.is_due(start + Duration::from_millis(50)));
        let second = meter.complete(start + Duration::from_secs(1), Progress::of(100, 1000, Unit::Bytes));
        assert_eq!(second.per_second, 100.0);
        assert_eq!(second.left, Some(Duration::from_secs(9)));
    }

    #[test]
    fn empty_files_are_work_too() {
        let start = Instant::now();
        let mut meter = Meter::default();
        let report = |files| Progress::of(0, 0, Unit::Bytes).with_files(files, 100);
        assert_eq!(report(25).fraction(), Some(0.25));
        meter.complete(start, report(0));
        let second = meter.complete(start + Duration::from_secs(1), report(25));
        assert_eq!((second.per_second, second.left), (0.0, Some(Duration::from_secs(3))));
    }

    #[test]
    fn the_speed_is_smoothed() {
        let start = Instant::now();
        let mut meter = Meter::default();
        meter.complete(start, Progress::so_far(0, Unit::Bytes));
        meter.complete(start + Duration::from_secs(1), Progress::so_far(1000, Unit::Bytes));
        let stalled = meter.complete(start + Duration::from_secs(2), Progress::so_far(1000, Unit::Bytes));
        assert!((500.0..700.0).contains(&stalled.per_second), "{}", stalled.per_second);
        assert_eq!(stalled.left, None, "without an end there is no time left");
    }

    #[test]
    fn the_fraction_stays_within_its_bounds() {
        assert_eq!(Progress::of(0, 0, Unit::Entries).fraction(), Some(1.0));
        assert_eq!(Progress::of(5, 4, Unit::Entries).fraction(), Some(1.0));
        assert_eq!(Progress::so_far(5, Unit::Entries).fraction(), None);
    }
}
