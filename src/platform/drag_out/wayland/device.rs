//! `wl_data_device` and `wl_data_offer`: what other programs drag over the window, and have copied.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use wayland_client::protocol::wl_data_device::{self, WlDataDevice};
use wayland_client::protocol::wl_data_device_manager::DndAction;
use wayland_client::protocol::wl_data_offer::{self, WlDataOffer};
use wayland_client::{Connection, Dispatch, Proxy, QueueHandle, WEnum, event_created_child};

use super::drop_in::Incoming;
use super::served::TEXT;
use super::state::State;
use super::uri_list;

/// What is known of an offer.
#[derive(Default)]
pub(super) struct Offered {
    /// It has a list of files.
    files: AtomicBool,
    /// It has text of these types: one bit for each of [`TEXT`].
    texts: AtomicUsize,
    /// Giver and taker have agreed to copy.
    agreed: AtomicBool,
}

impl Offered {
    pub(super) fn has_files(offer: &WlDataOffer) -> bool {
        offer.data::<Self>().is_some_and(|offered| offered.files.load(Ordering::Relaxed))
    }

    /// The best type of text that it has.
    pub(super) fn text(offer: &WlDataOffer) -> Option<&'static str> {
        let texts = offer.data::<Self>()?.texts.load(Ordering::Relaxed);
        TEXT.into_iter().enumerate().find(|(at, _)| texts & 1 << at != 0).map(|(_, mime)| mime)
    }

    pub(super) fn is_agreed(offer: &WlDataOffer) -> bool {
        offer.data::<Self>().is_some_and(|offered| offered.agreed.load(Ordering::Relaxed))
    }
}

impl Dispatch<WlDataDevice, u32> for State {
    fn event(
        state: &mut Self,
        _: &WlDataDevice,
        event: wl_data_device::Event,
        name: &u32,
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        match event {
            wl_data_device::Event::Enter { serial, surface, id: Some(offer), .. } => {
                // Of what is dragged out of the window nothing happens when it comes back.
                let wanted = surface.id() == state.window.id() && state.drag.is_none() && Offered::has_files(&offer);
                state.comes_in(*name, Incoming::new(offer, wanted), serial);
            }
            wl_data_device::Event::Leave => state.goes_away(*name),
            wl_data_device::Event::Drop => state.is_dropped(*name),
            wl_data_device::Event::Selection { id } => state.was_copied(*name, id),
            _ => {}
        }
    }

    event_created_child!(Self, WlDataDevice, [
        wl_data_device::EVT_DATA_OFFER_OPCODE => (WlDataOffer, Offered::default()),
    ]);
}

impl Dispatch<WlDataOffer, Offered> for State {
    fn event(
        _: &mut Self,
        _: &WlDataOffer,
        event: wl_data_offer::Event,
        offered: &Offered,
        _: &Connection,
        _: &QueueHandle<Self>,
    ) {
        match event {
            wl_data_offer::Event::Offer { mime_type } if mime_type.eq_ignore_ascii_case(uri_list::MIME) => {
                offered.files.store(true, Ordering::Relaxed);
            }
            wl_data_offer::Event::Offer { mime_type } => {
                let bit = TEXT.into_iter().position(|mime| mime == mime_type).map_or(0, |at| 1 << at);
                offered.texts.fetch_or(bit, Ordering::Relaxed);
            }
            wl_data_offer::Event::Action { dnd_action } => {
                let agreed = matches!(dnd_action, WEnum::Value(action) if action.contains(DndAction::Copy));
                offered.agreed.store(agreed, Ordering::Relaxed);
            }
            _ => {}
        }
    }
}
