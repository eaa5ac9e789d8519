//! Carries out the jobs that the reducer asks for, and knows which event answers which ticket.

use std::collections::HashMap;
use std::time::Duration;

use super::model::order::sorted;
use super::state::{Origin, Ticket};
use super::work::Work;
use crate::job::{
    BuildIndex, JobEvent, JobId, Jobs, Locate, OpenImage, OpenSample, ReadFolder, SaveSettings, Search, SortRows, Waker,
};

/// The jobs of one window.
pub struct Runner {
    jobs: Jobs,
    tickets: HashMap<JobId, Ticket>,
    ids: HashMap<Ticket, JobId>,
}

impl Runner {
    /// No jobs yet. `waker` is called from a worker when there is news.
    pub fn new(waker: Waker) -> Self {
        Self { jobs: Jobs::new(waker), tickets: HashMap::new(), ids: HashMap::new() }
    }

    /// Starts a job.
    pub fn start(&mut self, ticket: Ticket, work: Work) {
        let jobs = &mut self.jobs;
        let id = match work {
            Work::Open(Origin::File(path), session) => jobs.start(OpenImage { path, session }),
            Work::Open(Origin::Sample, session) => jobs.start(OpenSample { session }),
            Work::ReadFolder(tree, folder) => jobs.start(ReadFolder { tree, folder }),
            Work::Locate(tree, path) => jobs.start(Locate { tree, path }),
            Work::Sort(rows, sort) => jobs.start(SortRows::new(move |token| {
                token.check()?;
                Ok(sorted(&rows, sort))
            })),
            Work::Index(tree, known) => jobs.start(BuildIndex { tree, known }),
            Work::Search(index, query) => jobs.start(Search { index, query }),
            Work::Preview(job) => jobs.start(*job),
            Work::Plan(plan) => jobs.start(plan),
            Work::Compare(compare) => jobs.start(compare),
            Work::Unseen(find) => jobs.start(find),
            Work::Study(study) => jobs.start(study),
            Work::Identify(identify) => jobs.start(identify),
            Work::Survey(survey) => jobs.start(survey),
            Work::Verify(verify) => jobs.start(verify),
            Work::Remarks(find) => jobs.start(find),
            Work::ReadSums(read) => jobs.start(read),
            Work::Extract(run) => jobs.start(run),
            Work::PrepareTransfer(prepare) => jobs.start(prepare),
            Work::CopyOut(copy) => jobs.start(copy),
            Work::Mount(mount) => jobs.start(mount),
            Work::SaveFile(save) => jobs.start(save),
            Work::SaveSettings(settings, path) => jobs.start(SaveSettings { settings: *settings, path }),
        };
        self.tickets.insert(id, ticket);
        self.ids.insert(ticket, id);
    }

    /// Gives up a job: nothing more is heard of it.
    pub fn abandon(&mut self, ticket: Ticket) {
        if let Some(id) = self.ids.remove(&ticket) {
            self.tickets.remove(&id);
            self.jobs.abandon(id);
        }
    }

    /// Asks a job to end; its end is heard of.
    pub fn cancel(&mut self, ticket: Ticket) {
        if let Some(id) = self.ids.get(&ticket) {
            self.jobs.cancel(*id);
        }
    }

    /// What has happened since the last call.
    pub fn poll(&mut self) -> Vec<(Ticket, JobEvent)> {
        let events = self.jobs.poll();
        events.into_iter().filter_map(|event| self.ticketed(event)).collect()
    }

    /// Waits for the next event, at most for `patience`: for tests.
    pub fn wait(&mut self, patience: Duration) -> Option<(Ticket, JobEvent)> {
        let event = self.jobs.wait(patience)?;
        self.ticketed(event)
    }

    /// True when no job is under way.
    pub fn is_idle(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Cancels everything and waits for the workers, at most for `patience`.
    pub fn shut_down(self, patience: Duration) {
        // Those that did not end in time are stuck in the operating system, and end with the program.
        let _ = self.jobs.shut_down(patience);
    }

    fn ticketed(&mut self, event: JobEvent) -> Option<(Ticket, JobEvent)> {
        let id = event.id();
        let ticket = *self.tickets.get(&id)?;
        if event.is_terminal() {
            self.tickets.remove(&id);
            self.ids.remove(&ticket);
        }
        Some((ticket, event))
    }
}
