//! Lists of checksums in all their shapes.

use super::*;

const MD5: &str = "900150983cd24fb0d6963f7d28e17f72";
const SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const SHA512: &str = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                      2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

/// Name, slug of the most likely digest (or what the list calls it), and digits of each entry.
fn entries(text: &[u8], file_name: &str) -> (Vec<(String, String, String)>, Summary) {
    let mut found = Vec::new();
    let summary = read(&mut { text }, file_name, &mut |entry| {
        let made = entry.algorithms.first().map(|algorithm| algorithm.slug().to_owned());
        let name = entry.name.map_or_else(|| "-".to_owned(), Cow::into_owned);
        found.push((name, made.or(entry.label).unwrap_or_default(), text::hex(&entry.bytes)));
    });
    (found, summary.unwrap())
}

/// The one entry of a list with one line.
fn one(line: &str) -> (String, String, String) {
    let (found, summary) = entries(line.as_bytes(), "");
    assert_eq!((found.len(), summary.not_understood), (1, 0), "{line}");
    found.into_iter().next().unwrap()
}

#[test]
fn every_shape_of_a_line_is_understood() {
    let upper = SHA256.to_uppercase();
    let spaced = SHA256.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap()).collect::<Vec<_>>().join(" ");
    let grouped = upper.as_bytes().chunks(8).map(|pair| str::from_utf8(pair).unwrap()).collect::<Vec<_>>().join(" ");
    for (line, name) in [
        (format!("{SHA256}  a file.iso"), "a file.iso"),
        (format!("{SHA256} *a file.iso"), "a file.iso"),
        (format!("{SHA256} file.iso"), "file.iso"),
        (format!("{SHA256}\tfile.iso"), "file.iso"),
        (format!("{SHA256}  *star"), "*star"),
        (format!("{SHA256}   blank"), " blank"),
        (format!("{SHA256}          file.iso"), "file.iso"),
        (format!("{upper}  ./folder/file.iso"), "./folder/file.iso"),
        (format!("\\{SHA256}  line\\nbreak\\\\"), "line\nbreak\\"),
        (format!("SHA256 (a (b) = c.iso) = {SHA256}"), "a (b) = c.iso"),
        (format!("\\SHA256 (line\\nbreak) = {SHA256}"), "line\nbreak"),
        (format!("SHA2-256(file.iso)= {SHA256}"), "file.iso"),
        (format!("SHA256(file.iso)= {SHA256}"), "file.iso"),
        (format!("sha256:{SHA256}"), "-"),
        (format!("sha256:{SHA256}  file.iso"), "file.iso"),
        (format!("SHA-256: {spaced}"), "-"),
        (format!("SHA256          {upper}       C:\\Users\\x\\a file.iso   "), "C:\\Users\\x\\a file.iso"),
        (format!("file.iso\t{SHA256}\t42\tbase"), "file.iso"),
        (format!("file.iso: {grouped}"), "file.iso"),
        (format!("images/boot.iso = sha256:{SHA256}"), "images/boot.iso"),
        ("sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=".to_owned(), "-"),
        (spaced, "-"),
        (upper, "-"),
    ] {
        assert_eq!(one(&line), (name.to_owned(), "sha256".to_owned(), SHA256.to_owned()), "{line}");
    }
}

#[test]
fn what_a_digest_was_made_with_is_known_by_its_name_its_list_or_its_length() {
    let of = |text: &str, file_name: &str| entries(text.as_bytes(), file_name).0.remove(0).1;
    assert_eq!(of(MD5, ""), "md5");
    assert_eq!(of(SHA256, "x.iso.b3"), "blake3");
    assert_eq!(of(SHA256, "SHA256SUMS"), "sha256");
    assert_eq!(of(SHA512, "x.iso.b2"), "BLAKE2");
    assert_eq!(of(SHA512, "b2sums.txt"), "BLAKE2");
    assert_eq!(of(&format!("BLAKE3 (x) = {SHA256}"), "SHA256SUMS"), "blake3");
    assert_eq!(of(&format!("BLAKE2b (x) = {SHA512}"), ""), "BLAKE2b");
    assert_eq!(of(&format!("SHA3-256 (x) = {SHA256}"), ""), "SHA3-256");
    assert_eq!(of(&format!("SHA512/256 (x) = {SHA256}"), ""), "SHA512/256");
    // A name that cannot be right does not count.
    assert_eq!(of(MD5, "SHA256SUMS"), "md5");
    assert_eq!(entries(format!("SHA256 (x) = {MD5}").as_bytes(), "").1.not_understood, 1);
}

#[test]
fn lists_of_several_lines_are_read_as_their_makers_mean_them() {
    let gentoo = format!("# BLAKE2B HASH\n{SHA512}  a.iso\n# SHA512 HASH\n{SHA512}  a.iso\n");
    let (found, _) = entries(gentoo.as_bytes(), "a.iso.DIGESTS");
    assert_eq!(found.iter().map(|found| found.1.as_str()).collect::<Vec<_>>(), ["BLAKE2B", "sha512"]);

    let certutil =
        format!("SHA256 hash of C:\\a b.iso:\r\n{SHA256}\r\nCertUtil: -hashfile command completed successfully.\r\n");
    assert_eq!(entries(certutil.as_bytes(), "").0, [("C:\\a b.iso".into(), "sha256".into(), SHA256.into())]);

    let list = format!("\r\n\r\nAlgorithm : SHA256\r\nHash      : {SHA256}\r\nPath      : C:\\a.iso\r\n\r\n");
    assert_eq!(entries(list.as_bytes(), "").0, [("C:\\a.iso".into(), "sha256".into(), SHA256.into())]);
    assert_eq!(entries(format!("Hash : {MD5}\n").as_bytes(), "").0[0].1, "md5");

    let table = format!(
        "\nAlgorithm       Hash                              Path\n---------       ----                              ----\n\
         MD5             {MD5}  D:\\a.iso\n"
    );
    let (found, summary) = entries(table.as_bytes(), "");
    assert_eq!((found[0].0.as_str(), summary.not_understood), ("D:\\a.iso", 0));
}

#[test]
fn what_signing_adds_is_no_part_of_the_list() {
    let fedora = format!(
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# a.iso: 2295853056 bytes\nSHA256 (a.iso) = {SHA256}\n\
         - -dash\n-----BEGIN PGP SIGNATURE-----\n\n{SHA512}\n=abcd\n-----END PGP SIGNATURE-----\n"
    );
    let mut sizes = Vec::new();
    let summary = read(&mut fedora.as_bytes(), "a-CHECKSUM", &mut |entry| sizes.push(entry.size)).unwrap();
    assert_eq!((sizes, summary.signed, summary.not_understood), (vec![Some(2_295_853_056)], true, 1));
    assert_eq!(summary.notes()[0], "The list is signed; the signature is not checked");
    let signify = format!("untrusted comment: verify with openbsd.pub\n{SHA512}\nSHA256 (a.iso) = {SHA256}\n");
    let (found, summary) = entries(signify.as_bytes(), "SHA256.sig");
    assert_eq!((found.len(), summary.signed), (1, true));
    let total = entries(b"# md5sum_totalbytes = 0x1F\n", "md5sum.txt").1.total_bytes;
    assert_eq!(total, Some(31));
}

#[test]
fn line_ends_and_encodings_do_not_matter() {
    let text = format!("{MD5}  grüße.iso\n{MD5}  b.iso\n");
    let names = |bytes: &[u8]| entries(bytes, "").0.into_iter().map(|found| found.0).collect::<Vec<_>>();
    let wanted = ["grüße.iso", "b.iso"];
    let utf16 = |mark: &[u8], big: bool| {
        let units = text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
        [mark.to_vec(), units.collect()].concat()
    };
    assert_eq!(names(text.as_bytes()), wanted);
    assert_eq!(names(text.trim_end().as_bytes()), wanted);
    assert_eq!(names(text.replace('\n', "\r\n").as_bytes()), wanted);
    assert_eq!(names(text.replace('\n', "\r").as_bytes()), wanted);
    assert_eq!(names(text.replace('\n', "\0").as_bytes()), wanted);
    assert_eq!(names(&[b"\xef\xbb\xbf", text.as_bytes()].concat()), wanted);
    assert_eq!(names(&utf16(b"\xff\xfe", false)), wanted);
    assert_eq!(names(&utf16(b"\xfe\xff", true)), wanted);
    assert_eq!(names(&utf16(b"", false)), wanted);
    assert_eq!(names(&utf16(b"", true)), wanted);
}

/// Gives a text in pieces that end anywhere.
struct Pieces<'a>(&'a [u8], usize);

impl std::io::Read for Pieces<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let len = self.1.min(buf.len()).min(self.0.len());
        buf[..len].copy_from_slice(&self.0[..len]);
        self.0 = &self.0[len..];
        Ok(len)
    }
}

#[test]
fn lines_of_any_length_and_number_are_read_in_little_memory() {
    let long = [vec![b'a'; 10 << 20], b"\n".to_vec(), format!("{MD5}  b\n").into_bytes()].concat();
    let (found, summary) = entries(&long, "");
    assert_eq!((found.len(), summary.cut, summary.lines), (1, 1, 2));
    assert!(summary.notes()[0].starts_with("Of 1 line only the first 65536 bytes"));
    let many: String = (0..5000).map(|number| format!("{MD5}  {number}\n")).collect();
    for piece in [1, 7, 4096, 100_000] {
        let mut names = Vec::new();
        read(&mut Pieces(many.as_bytes(), piece), "", &mut |entry| names.push(entry.name.unwrap().into_owned()))
            .unwrap();
        assert!(names.len() == 5000 && names.iter().enumerate().all(|(at, name)| *name == at.to_string()));
    }
}

#[test]
fn rubbish_is_counted_and_hides_nothing() {
    let text = format!("hello\n{MD5}\0x  y\n(=)\n{MD5}  good\n\u{0}\u{1}\n\\\n{MD5}z\n\\{MD5}  a\\\n");
    let (found, summary) = entries(text.as_bytes(), "");
    assert_eq!(found.iter().map(|found| found.0.as_str()).collect::<Vec<_>>(), ["good", "a\\"]);
    assert_eq!((summary.not_understood, summary.first_not_understood), (6, 1));
}

#[test]
fn one_pasted_digest_is_found() {
    let parse = |text: &str| Expected::parse(text, Some("a.iso"));
    let sha256 = parse(&format!("  {} \n", SHA256.to_uppercase())).unwrap();
    assert_eq!(
        (sha256.algorithms.as_slice(), text::hex(&sha256.bytes).as_str()),
        (&[Algorithm::Sha256, Algorithm::Blake3][..], SHA256)
    );
    // Broken into two lines, each of which would be an MD5.
    assert_eq!(parse(&format!("{}\n{}", &SHA256[..32], &SHA256[32..])).unwrap(), sha256);
    assert_eq!(parse(&format!("sha256:{SHA256}")).unwrap().algorithms, [Algorithm::Sha256]);
    assert_eq!(parse(&format!("{MD5}  other.iso")).unwrap().name.as_deref(), Some("other.iso"));
    let list = format!("{MD5}  b.iso\n{SHA256}  dir/A.ISO\n{MD5}  dir/A.ISO\n");
    assert_eq!(parse(&list).unwrap().bytes, sha256.bytes);
    assert_eq!(Expected::parse(&list, Some("c.iso")).unwrap_err(), "There are 3 checksums, but none is of “c.iso”");
    assert!(Expected::parse(&list, None).unwrap_err().starts_with("There are 3 checksums of several files"));
    let differing = format!("{MD5}  a.iso\n{}  a.iso\n", MD5.replace('9', "8"));
    assert_eq!(parse(&differing).unwrap_err(), "There are several checksums of the same kind that differ");
    assert_eq!(parse("").unwrap_err(), "There is no checksum");
    assert!(parse("abcd").unwrap_err().starts_with("These are 4 hexadecimal digits; an MD5 has 32"));
    assert_eq!(parse("ubuntu.iso").unwrap_err(), "This is not a checksum that Isoscope understands");
    let unknown = format!("BLAKE2b (a.iso) = {SHA512}");
    assert_eq!(parse(&unknown).unwrap_err(), "BLAKE2b is not among the checksums that Isoscope works out");
}
