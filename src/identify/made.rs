//! When a disc was made.

use super::claim::{Certainty, Claim, Evidence, Subject};
use crate::disc::time::Timestamp;
use crate::disc::volume::Volume;

/// Seconds from 1970 to 1985, when the first CD-ROM was made.
const FIRST_DISCS: i64 = 473_385_600;

/// Clocks may be this many seconds ahead.
const AHEAD: i64 = 2 * 86_400;

/// Moments that programs write for want of a better one, or so that the same files give the same image.
const CONSTANTS: [(i64, &str); 4] = [
    (0, "the beginning of the time of Unix"),
    (315_532_800, "the beginning of the time of DOS"),
    (946_684_800, "the beginning of the year 2000"),
    (1_230_768_000, "what is written so that the same files always give the same image"),
];

/// What the dates of a volume tell, `now` being seconds since 1970, and notes on dates that cannot be right.
pub fn claims(volume: &Volume, now: i64) -> (Vec<Claim>, Vec<String>) {
    let dates = [("Creation of the volume", volume.created), ("Last change of the volume", volume.modified)];
    let mut claims = Vec::new();
    let mut notes: Vec<String> = Vec::new();
    for (name, time) in dates {
        let Some(time) = time else { continue };
        let value = time.to_string();
        let doubt = doubt(time, now);
        let certainty = if doubt.is_none() { Certainty::Stated } else { Certainty::Guess };
        let evidence = Evidence::field(name, &value);
        if !claims.iter().any(|claim: &Claim| claim.value == value) {
            if let Some(doubt) = doubt {
                notes.push(format!("The date of the volume, {}, {doubt}", time.short()));
            }
            claims.push(Claim { subject: Subject::Made, value, certainty, evidence });
        }
    }
    (claims, notes)
}

/// Why a date tells little, as the end of a sentence.
fn doubt(time: Timestamp, now: i64) -> Option<String> {
    let seconds = time.unix_seconds();
    // Whoever writes a constant means it in his own zone.
    let local = seconds.saturating_add(i64::from(time.zone_minutes()).saturating_mul(60));
    let constant = CONSTANTS.iter().find(|(moment, _)| *moment == seconds || *moment == local);
    match constant {
        Some((_, meaning)) => Some(format!("is {meaning}, not when it was made")),
        None if seconds > now.saturating_add(AHEAD) => Some("lies in the future".to_owned()),
        None if seconds < FIRST_DISCS => Some("lies before there were such discs".to_owned()),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn told(created: i64, zone: i16) -> (Certainty, Vec<String>) {
        let volume = Volume { created: Some(Timestamp::from_unix(created, zone)), ..Volume::default() };
        let (claims, notes) = claims(&volume, NOW);
        (claims[0].certainty, notes)
    }

    #[test]
    fn dates_are_believed_unless_they_cannot_be_right() {
        assert_eq!(told(1_707_559_401, 60), (Certainty::Stated, Vec::new()));
        assert_eq!(told(NOW + 3600, 0), (Certainty::Stated, Vec::new()));
        for (seconds, zone, reason) in [
            (0, 0, "beginning of the time of Unix"),
            (315_532_800, 0, "time of DOS"),
            (315_532_800 - 3600, 60, "time of DOS"),
            (1000, 0, "before there were such discs"),
            (NOW + 90 * 86_400, 0, "in the future"),
        ] {
            let (certainty, notes) = told(seconds, zone);
            assert_eq!((certainty, notes.len()), (Certainty::Guess, 1), "{seconds}");
            assert!(notes[0].contains(reason), "{notes:?}");
        }
    }

    #[test]
    fn a_disc_without_dates_says_nothing() {
        assert_eq!(claims(&Volume::default(), NOW), (Vec::new(), Vec::new()));
        let time = Some(Timestamp::from_unix(1_707_559_401, 0));
        let same = Volume { created: time, modified: time, ..Volume::default() };
        assert_eq!(claims(&same, NOW).0.len(), 1);
    }
}
