//! Names of discs, and what they stand for.

use super::volume_id::{VolumeGuess, read};

/// A name; what it stands for: product, service pack, edition, processor, language and channel.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const TEN: &str = "Windows 10 or 11";
const SERVER: &str = "Windows Server 2016 or later";

#[rustfmt::skip]
const NAMES: [Row; 76] = [
    ("CCCOMA_X64FRE_EN-US_DV9", TEN, "", "Consumer editions", "x64", "en-US", ""),
    ("CCCOMA_X64FRE_DE-DE_DV9", TEN, "", "Consumer editions", "x64", "de-DE", ""),
    ("CCCOMA_X86FRE_FR-FR_DV9", TEN, "", "Consumer editions", "x86", "fr-FR", ""),
    ("CCCOMA_A64FRE_EN-US_DV9", TEN, "", "Consumer editions", "arm64", "en-US", ""),
    ("CCCOMA_X64FRE_SR-LATN-RS_DV9", TEN, "", "Consumer editions", "x64", "sr-Latn-RS", ""),
    ("CCOMA_X64FRE_ZH-CN_DV9", TEN, "", "Consumer editions", "x64", "zh-CN", ""),
    ("CPBA_X64FRE_EN-US_DV9", TEN, "", "Business editions", "x64", "en-US", ""),
    ("CPBA_A64FRE_EN-US_DV9", TEN, "", "Business editions", "arm64", "en-US", ""),
    ("CCSA_X64FRE_ES-ES_DV5", TEN, "", "", "x64", "es-ES", ""),
    ("CCSNA_X64FRE_EN-GB_DV5", TEN, "", "N editions", "x64", "en-GB", ""),
    ("CENA_X64FREV_EN-US_DV5", TEN, "", "Enterprise", "x64", "en-US", "Volume"),
    ("CENA_X64FREE_EN-US_DV5", TEN, "", "Enterprise", "x64", "en-US", "Evaluation"),
    ("CENNA_X64FREV_EN-US_DV5", TEN, "", "Enterprise N", "x64", "en-US", "Volume"),
    ("CEDA_X86FRE_IT-IT_DV5", TEN, "", "Education", "x86", "it-IT", ""),
    ("CES_X64FREV_EN-US_DV5", TEN, "", "Enterprise LTSC or LTSB", "x64", "en-US", "Volume"),
    ("CESN_X64FREV_EN-US_DV5", TEN, "", "Enterprise N LTSC or LTSB", "x64", "en-US", "Volume"),
    ("CESE_X64FREE_EN-US_DV5", TEN, "", "Enterprise LTSC or LTSB", "x64", "en-US", "Evaluation"),
    ("ESD-ISO", TEN, "", "", "", "", ""),
    ("ESD_ISO", TEN, "", "", "", "", ""),
    ("J_CCSA_X64FRE_EN-US_DV5", "Windows 10", "", "", "x64", "en-US", ""),
    ("J_CPRA_X64FREV_EN-US_DV5", "Windows 10", "", "Pro", "x64", "en-US", "Volume"),
    ("J_CENA_X64FREV_PT-BR_DV5", "Windows 10", "", "Enterprise", "x64", "pt-BR", "Volume"),
    ("J_CES_X64FREV_EN-US_DV5", "Windows 10", "", "Enterprise LTSC or LTSB", "x64", "en-US", "Volume"),
    ("SSS_X64FREE_EN-US_DV9", SERVER, "", "Standard and Datacenter", "x64", "en-US", "Evaluation"),
    ("SSS_X64FREV_EN-US_DV9", SERVER, "", "Standard and Datacenter", "x64", "en-US", "Volume"),
    ("SESS_X64FREE_EN-US_DV5", SERVER, "", "Essentials", "x64", "en-US", "Evaluation"),
    ("SHV_X64FRE_EN-US_DV5", SERVER, "", "Hyper-V Server", "x64", "en-US", ""),
    ("IR_CCSA_X64FRE_EN-US_DV5", "Windows 8.1", "", "", "x64", "en-US", ""),
    ("IR5_CCSA_X64FRE_EN-US_DV9", "Windows 8.1", "", "", "x64", "en-US", ""),
    ("IRM_CPRA_X64FREV_RU-RU_DV5", "Windows 8.1", "", "Pro", "x64", "ru-RU", "Volume"),
    ("IR3_CENA_X86FREV_EN-US_DV5", "Windows 8.1", "", "Enterprise", "x86", "en-US", "Volume"),
    ("IR3_SSS_X64FREE_EN-US_DV9", "Windows Server 2012 R2", "", "Standard and Datacenter", "x64", "en-US", "Evaluation"),
    ("IRM_SSSO_X64FREE_EN-US_DV5", "Windows Server 2012 R2", "", "Essentials", "x64", "en-US", "Evaluation"),
    ("IRM_SHV_X64FRE_EN-US_DV5", "Windows Server 2012 R2", "", "Hyper-V Server", "x64", "en-US", ""),
    ("HRM_CCSA_X64FRE_EN-US_DV5", "Windows 8", "", "", "x64", "en-US", ""),
    ("HRM_CENA_X86FREV_EN-US_DV5", "Windows 8", "", "Enterprise", "x86", "en-US", "Volume"),
    ("HB1_CCPA_X64FRE_EN-US_DV5", "Windows 8", "", "Consumer Preview", "x64", "en-US", ""),
    ("HRM_SSS_X64FREV_JA-JP_DV5", "Windows Server 2012", "", "Standard and Datacenter", "x64", "ja-JP", "Volume"),
    ("GRMCULFRER_EN_DVD", "Windows 7", "", "Ultimate", "x86", "en", "Retail"),
    ("GRMCULXFRER_EN_DVD", "Windows 7", "", "Ultimate", "x64", "en", "Retail"),
    ("GRMCPRXFRER_DE_DVD", "Windows 7", "", "Professional", "x64", "de", "Retail"),
    ("GRMCHPXFRER_FR_DVD", "Windows 7", "", "Home Premium", "x64", "fr", "Retail"),
    ("GRMCSTFREO_EN_DVD", "Windows 7", "", "Starter", "x86", "en", "OEM"),
    ("GRMCENVOL_EN_DVD", "Windows 7", "", "Enterprise", "x86", "en", "Volume"),
    ("GRMCNENVOL_EN_DVD", "Windows 7", "", "Enterprise N", "x86", "en", "Volume"),
    ("GRMCENXEVAL_EN_DVD", "Windows 7", "", "Enterprise", "x64", "en", "Evaluation"),
    ("GRMCPRXVOL_JA_DVD", "Windows 7", "", "Professional", "x64", "ja", "Volume"),
    ("GSP1RMCULXFRER_EN_DVD", "Windows 7", "SP1", "Ultimate", "x64", "en", "Retail"),
    ("GSP1RMCENXVOL_EN_DVD", "Windows 7", "SP1", "Enterprise", "x64", "en", "Volume"),
    ("GSP1RMCHBFRER_RU_DVD", "Windows 7", "SP1", "Home Basic", "x86", "ru", "Retail"),
    ("GRMSXVOL_EN_DVD", "Windows Server 2008 R2", "", "", "x64", "en", "Volume"),
    ("GRMSHXVOL_EN_DVD", "Windows Server 2008 R2", "", "Hyper-V Server", "x64", "en", "Volume"),
    ("GRMSIAIVOL_EN_DVD", "Windows Server 2008 R2", "", "", "ia64", "en", "Volume"),
    ("FRMCFRE_EN_DVD", "Windows Vista", "", "", "x86", "en", ""),
    ("LRMCXFRE_EN_DVD", "Windows Vista", "", "", "x64", "en", ""),
    ("FRTMEXVOL_EN_DVD", "Windows Vista", "", "Enterprise", "x64", "en", "Volume"),
    ("FRMBVOL_DE_DVD", "Windows Vista", "", "Business", "x86", "de", "Volume"),
    ("KRMSXVOL_EN_DVD", "Windows Server 2008", "", "", "x64", "en", "Volume"),
    ("KRMWVOL_EN_DVD", "Windows Server 2008", "", "Web", "x86", "en", "Volume"),
    ("WXPVOL_EN", "Windows XP", "", "Professional", "x86", "en", "Volume"),
    ("WXHFPP_EN", "Windows XP", "", "Home", "x86", "en", "Retail"),
    ("XRMPVOL_EN", "Windows XP", "SP1", "Professional", "x86", "en", "Volume"),
    ("VRMPVOL_EN", "Windows XP", "SP2", "Professional", "x86", "en", "Volume"),
    ("GRTMPVOL_EN", "Windows XP", "SP3", "Professional", "x86", "en", "Volume"),
    ("GRTMHOEM_FR", "Windows XP", "SP3", "Home", "x86", "fr", "OEM"),
    ("GRTMPKNVOL_KO", "Windows XP", "SP3", "Professional KN", "x86", "ko", "Volume"),
    ("ARMPXVOL_EN", "Windows XP", "", "Professional", "x64", "en", "Volume"),
    ("NRMSFPP_EN", "Windows Server 2003", "", "Standard", "x86", "en", "Retail"),
    ("ARMEXFPP_EN", "Windows Server 2003", "", "Enterprise", "x64", "en", "Retail"),
    ("ARMEIFPP_EN", "Windows Server 2003", "", "Enterprise", "ia64", "en", "Retail"),
    ("CRMSXFPP_EN", "Windows Server 2003 R2", "", "Standard", "x64", "en", "Retail"),
    ("W2PFPP_EN", "Windows 2000", "", "Professional", "x86", "en", "Retail"),
    ("ZRMPOEM_EN", "Windows 2000", "SP4", "Professional", "x86", "en", "OEM"),
    ("YRMAFPP_EN", "Windows 2000", "SP3", "Advanced Server", "x86", "en", "Retail"),
    ("WIN98SE", "Windows 98 Second Edition", "", "", "x86", "", ""),
    ("WIN95", "Windows 95", "", "", "x86", "", ""),
];

#[test]
fn names_of_discs_stand_for_what_the_conventions_say() {
    for (id, product, service_pack, edition, architecture, language, channel) in NAMES {
        let some = |text: &'static str| Some(text).filter(|text| !text.is_empty());
        let expected = VolumeGuess {
            product,
            service_pack: some(service_pack),
            edition: some(edition),
            architecture: some(architecture),
            language: some(language).map(str::to_owned),
            channel: some(channel),
            is_checked: false,
        };
        assert_eq!(read(id), Some(expected.clone()), "{id}");
        assert_eq!(read(&format!(" {} ", id.to_lowercase())), Some(expected), "{id}");
    }
    assert!(read("GRMCXCHK_EN_DVD").unwrap().is_checked && read("IRM_CENA_X64CHKV_EN-US_DV5").unwrap().is_checked);
}

#[test]
fn other_names_stand_for_nothing() {
    for id in [
        "",
        "DVD_ROM",
        "CDROM",
        "WINDOWS",
        "Ubuntu 24.04.1 LTS amd64",
        "Debian 12.5.0 amd64 n",
        "CCCOMA",
        "X64FRE_EN-US_DV9",
        "CXYZA_X64FRE_EN-US_DV9",
        "CCCOMA_X99FRE_EN-US_DV9",
        "SSS_X64FREQ_EN-US_DV9",
        "GRMCULFRER",
        "GRMCZZFRER_EN_DVD",
        "WXQVOL_EN",
        "MY_WXPVOL_EN",
        "WXPVOL_EN_2",
        "SP1_UPDATES",
        "OFFICE_2010",
        "WIN3",
    ] {
        assert_eq!(read(id), None, "{id}");
    }
    assert_eq!(read(&"CCCOMA_X64FRE_EN-US_DV9".repeat(100_000)), None);
}
