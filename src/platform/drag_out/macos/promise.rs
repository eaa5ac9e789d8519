//! A file or folder that is promised, and written when a target takes it.

use std::panic::{self, AssertUnwindSafe};
use std::ptr;
use std::sync::Arc;

use block2::DynBlock;
use objc2::rc::Retained;
use objc2::runtime::{AnyClass, AnyObject, NSObjectProtocol, ProtocolObject};
use objc2::{AllocAnyThread, DefinedClass, define_class, msg_send};
use objc2_app_kit::{NSFilePromiseProvider, NSFilePromiseProviderDelegate};
use objc2_foundation::{
    NSDictionary, NSError, NSLocalizedDescriptionKey, NSObject, NSOperationQueue, NSString, NSURL, ns_string,
};

use super::Item;
use super::keeping::{self, Activity};
use crate::platform::drag_out::Deliver;
use crate::platform::files::Node;

/// The type of files of which no more is known.
const DATA: &str = "public.data";

/// What is promised.
pub(super) struct Promised {
    name: String,
    node: Node,
    deliver: Arc<dyn Deliver>,
}

define_class!(
    // SAFETY: NSObject may be subclassed, and this class has no method `dealloc`. The target calls it on whatever thread
    // it likes; what it holds may be used on all of them.
    #[unsafe(super = NSObject)]
    #[name = "IsoscopeFilePromise"]
    #[ivars = Promised]
    pub(super) struct FilePromise;

    // SAFETY: the protocol asks for nothing more.
    unsafe impl NSObjectProtocol for FilePromise {}

    // SAFETY: the methods have the types of the protocol.
    unsafe impl NSFilePromiseProviderDelegate for FilePromise {
        /// The name alone; the target chooses the folder, and another name where this one is taken.
        #[unsafe(method_id(filePromiseProvider:fileNameForType:))]
        fn name(&self, _: &NSFilePromiseProvider, _: &NSString) -> Retained<NSString> {
            NSString::from_str(&self.ivars().name)
        }

        /// Called on the queue below, and answered once.
        #[unsafe(method(filePromiseProvider:writePromiseToURL:completionHandler:))]
        fn write(&self, _: &NSFilePromiseProvider, url: &NSURL, done: &DynBlock<dyn Fn(*mut NSError)>) {
            let _activity = Activity::begin();
            match self.deliver(url) {
                Ok(()) => done.call((ptr::null_mut(),)),
                Err(sentence) => done.call((Retained::as_ptr(&error(&sentence)).cast_mut(),)),
            }
        }

        /// Without one the main thread would write, and the window stand still.
        #[unsafe(method_id(operationQueueForFilePromiseProvider:))]
        fn queue(&self, _: &NSFilePromiseProvider) -> Retained<NSOperationQueue> {
            keeping::queue().clone()
        }
    }
);

impl FilePromise {
    /// The promise of `item`. It lives as long as its provider, which the system keeps as long as something may ask.
    pub(super) fn provider(item: &Item, deliver: Arc<dyn Deliver>) -> Retained<NSFilePromiseProvider> {
        let this = Self::alloc().set_ivars(Promised { name: item.name.clone(), node: item.node, deliver });
        // SAFETY: `init` of NSObject takes nothing and gives the object back.
        let this: Retained<Self> = unsafe { msg_send![super(this), init] };
        let kind = kind(item);
        let provider = NSFilePromiseProvider::initWithFileType_delegate(
            NSFilePromiseProvider::alloc(),
            &kind,
            ProtocolObject::from_ref(&*this),
        );
        let this: &AnyObject = (*this).as_ref();
        // The provider does not keep its delegate, but this it does. The delegate does not keep the provider.
        // SAFETY: it is of no type in particular, and nobody but us looks at it.
        unsafe { provider.setUserInfo(Some(this)) };
        provider
    }

    fn deliver(&self, url: &NSURL) -> Result<(), String> {
        let Promised { node, deliver, .. } = self.ivars();
        let path = url.to_file_path().ok_or("This place is no file")?;
        // A panic must not reach the system's queue, which would end the program.
        let delivered = panic::catch_unwind(AssertUnwindSafe(|| deliver.deliver(*node, &path)));
        match delivered {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(_) => Err("Isoscope has made a mistake".to_owned()),
        }
    }
}

/// What the system takes it for, by which targets choose: an editor of pictures wants pictures. AppKit throws where it is
/// neither data nor a folder.
fn kind(item: &Item) -> Retained<NSString> {
    if item.is_folder {
        return NSString::from_str("public.folder");
    }
    known_kind(item.extension()).unwrap_or_else(|| NSString::from_str(DATA))
}

/// The type of files that end like this. `None` where nothing has declared one that is of data, and on systems before macOS
/// 11.
fn known_kind(extension: &str) -> Option<Retained<NSString>> {
    let class = AnyClass::get(c"UTType").filter(|_| !extension.is_empty())?;
    let extension = NSString::from_str(extension);
    // SAFETY: the methods of the class take a string, and give a type or nothing. A type says of itself and another one
    // yes or no, and has a string.
    unsafe {
        let kind: Option<Retained<AnyObject>> = msg_send![class, typeWithFilenameExtension: &*extension];
        let data: Option<Retained<AnyObject>> = msg_send![class, typeWithIdentifier: &*NSString::from_str(DATA)];
        let (kind, data) = (kind?, data?);
        let is_declared: bool = msg_send![&*kind, isDeclared];
        let is_data: bool = msg_send![&*kind, conformsToType: &*data];
        (is_declared && is_data).then(|| msg_send![&*kind, identifier])
    }
}

/// An error of the system that says `sentence`.
fn error(sentence: &str) -> Retained<NSError> {
    let sentence = NSString::from_str(sentence);
    let sentence: &AnyObject = (*sentence).as_ref();
    // SAFETY: the key is a constant of Foundation, and its value is a string, as it must be.
    unsafe {
        let info = NSDictionary::from_slices(&[NSLocalizedDescriptionKey], &[sentence]);
        NSError::errorWithDomain_code_userInfo(ns_string!("Isoscope"), 1, Some(&info))
    }
}
