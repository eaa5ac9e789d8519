//! Facts about versions and editions of Windows, as they were known in November 2025; builds that came later are named by
//! their product alone. None of it was held against the lists of Microsoft or against real discs.

/// Versions by build.
///
/// Those of Windows 11 agree with public version histories. The others were not looked up.
pub(super) const BUILDS: [Build; 37] = [
    Build::client(28_000, "Windows 11", "26H1"),
    Build::client(26_200, "Windows 11", "25H2"),
    Build::both(26_100, "Windows 11", "24H2", "Windows Server 2025", ""),
    Build::both(25_398, "", "", "Windows Server", "23H2"),
    Build::client(22_631, "Windows 11", "23H2"),
    Build::client(22_621, "Windows 11", "22H2"),
    Build::client(22_000, "Windows 11", "21H2"),
    Build::both(20_348, "", "", "Windows Server 2022", ""),
    Build::client(19_045, "Windows 10", "22H2"),
    Build::client(19_044, "Windows 10", "21H2"),
    Build::client(19_043, "Windows 10", "21H1"),
    Build::both(19_042, "Windows 10", "20H2", "Windows Server", "20H2"),
    Build::both(19_041, "Windows 10", "2004", "Windows Server", "2004"),
    Build::both(18_363, "Windows 10", "1909", "Windows Server", "1909"),
    Build::both(18_362, "Windows 10", "1903", "Windows Server", "1903"),
    Build::both(17_763, "Windows 10", "1809", "Windows Server 2019", ""),
    Build::both(17_134, "Windows 10", "1803", "Windows Server", "1803"),
    Build::both(16_299, "Windows 10", "1709", "Windows Server", "1709"),
    Build::client(15_063, "Windows 10", "1703"),
    Build::both(14_393, "Windows 10", "1607", "Windows Server 2016", ""),
    Build::client(10_586, "Windows 10", "1511"),
    Build::client(10_240, "Windows 10", "1507"),
    Build::both(9600, "Windows 8.1", "", "Windows Server 2012 R2", ""),
    Build::both(9200, "Windows 8", "", "Windows Server 2012", ""),
    Build::both(7601, "Windows 7", "SP1", "Windows Server 2008 R2", "SP1"),
    Build::both(7600, "Windows 7", "", "Windows Server 2008 R2", ""),
    // What updates made of SP2 from 2019 on.
    Build::both(6003, "Windows Vista", "SP2", "Windows Server 2008", "SP2"),
    Build::both(6002, "Windows Vista", "SP2", "Windows Server 2008", "SP2"),
    Build::both(6001, "Windows Vista", "SP1", "Windows Server 2008", ""),
    Build::client(6000, "Windows Vista", ""),
    Build::both(3790, "Windows XP Professional x64", "", "Windows Server 2003", ""),
    Build::client(2600, "Windows XP", ""),
    Build::both(2195, "Windows 2000", "", "Windows 2000 Server", ""),
    Build::both(1381, "Windows NT 4.0", "", "Windows NT 4.0 Server", ""),
    Build::client(3000, "Windows ME", ""),
    Build::client(2222, "Windows 98", "Second Edition"),
    Build::client(1998, "Windows 98", ""),
];

/// What a build is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Build {
    /// Its number.
    pub(super) number: u32,
    /// The product for people at home and at work; empty when it had none.
    pub(super) client: &'static str,
    /// The name of its version; empty when it has none.
    pub(super) client_release: &'static str,
    /// The product for servers; empty when it had none.
    pub(super) server: &'static str,
    /// The name of its version; empty when it has none.
    pub(super) server_release: &'static str,
}

impl Build {
    const fn client(number: u32, client: &'static str, client_release: &'static str) -> Self {
        Self { number, client, client_release, server: "", server_release: "" }
    }

    const fn both(
        number: u32,
        client: &'static str,
        client_release: &'static str,
        server: &'static str,
        server_release: &'static str,
    ) -> Self {
        Self { number, client, client_release, server, server_release }
    }

    /// What is known of a build.
    pub(super) fn find(number: u32) -> Option<&'static Self> {
        BUILDS.iter().find(|build| build.number == number)
    }
}

/// Builds that a switch makes out of another one: their archives have its files, and mostly still its number.
pub(super) struct Family {
    /// The build that the archives have.
    pub(super) base: u32,
    /// The builds that it becomes, and the revision with which each first came, on discs too.
    pub(super) later: &'static [(u32, u32)],
}

/// The families. That archives of 20H2 to 22H2, and of 23H2, keep the number of the base is told in issue 2424 of
/// pbatard/rufus and issue 28 of alaurie/WimWitchFK. The revisions were not looked up.
pub(super) const FAMILIES: [Family; 4] = [
    Family { base: 18_362, later: &[(18_363, 418)] },
    Family { base: 19_041, later: &[(19_042, 508), (19_043, 928), (19_044, 1288), (19_045, 2006)] },
    Family { base: 22_621, later: &[(22_631, 2428)] },
    Family { base: 26_100, later: &[(26_200, 6584)] },
];

/// The base of a build's family; itself when it has none.
pub(super) fn base_of(build: u32) -> u32 {
    let is_in = |family: &&Family| family.later.iter().any(|(later, _)| *later == build);
    FAMILIES.iter().find(is_in).map_or(build, |family| family.base)
}

/// The build of a branch in which Windows is made (`BuildBranch` of `idwbinfo.txt`, up to the first `_`), which for families
/// is the base.
pub(super) const BRANCHES: [(&str, u32); 19] = [
    ("br", 28_000),
    ("ge", 26_100),
    ("zn", 25_398),
    ("ni", 22_621),
    ("co", 22_000),
    ("fe", 20_348),
    ("vb", 19_041),
    ("19h1", 18_362),
    ("rs5", 17_763),
    ("rs4", 17_134),
    ("rs3", 16_299),
    ("rs2", 15_063),
    ("rs1", 14_393),
    ("th2", 10_586),
    ("th1", 10_240),
    ("winblue", 9600),
    ("win8", 9200),
    ("win7sp1", 7601),
    ("win7", 7600),
];

/// Processors by `PROCESSOR_ARCHITECTURE_…` of the Windows SDK (winnt.h).
pub(super) const ARCHITECTURES: [(u32, &str); 5] = [(0, "x86"), (5, "arm"), (6, "ia64"), (9, "x64"), (12, "arm64")];

/// Editions as people say them, by `EDITIONID`. What ends in `N` or `Eval` follows from what it ends behind.
pub(super) const EDITIONS: [(&str, &str); 47] = [
    ("Core", "Home"),
    ("CoreSingleLanguage", "Home Single Language"),
    ("CoreCountrySpecific", "Home China"),
    ("Professional", "Pro"),
    ("ProfessionalSingleLanguage", "Pro Single Language"),
    ("ProfessionalCountrySpecific", "Pro China"),
    ("ProfessionalEducation", "Pro Education"),
    ("ProfessionalWorkstation", "Pro for Workstations"),
    ("ProfessionalWMC", "Pro with Media Center"),
    ("ProfessionalStudent", "Pro Student"),
    ("Enterprise", "Enterprise"),
    ("EnterpriseG", "Enterprise G"),
    ("EnterpriseS", "Enterprise"),
    ("IoTEnterprise", "IoT Enterprise"),
    ("IoTEnterpriseS", "IoT Enterprise"),
    ("IoTEnterpriseK", "IoT Enterprise Subscription"),
    ("ServerRdsh", "Enterprise multi-session"),
    ("Education", "Education"),
    ("PPIPro", "Team"),
    ("Cloud", "S"),
    ("CloudEdition", "SE"),
    ("Ultimate", "Ultimate"),
    ("Business", "Business"),
    ("HomePremium", "Home Premium"),
    ("HomeBasic", "Home Basic"),
    ("Starter", "Starter"),
    ("Embedded", "Embedded Standard"),
    ("EmbeddedIndustry", "Embedded Industry"),
    ("EmbeddedIndustryE", "Embedded Industry Enterprise"),
    ("ServerStandard", "Standard"),
    ("ServerDatacenter", "Datacenter"),
    ("ServerTurbine", "Datacenter: Azure Edition"),
    ("ServerEnterprise", "Enterprise"),
    ("ServerWeb", "Web"),
    ("ServerSolution", "Essentials"),
    ("ServerSBSStandard", "Small Business Server"),
    ("ServerWinSB", "Foundation"),
    ("ServerFoundation", "Foundation"),
    ("ServerHomePremium", "Home Server"),
    ("ServerStorageStandard", "Storage Server Standard"),
    ("ServerStorageWorkgroup", "Storage Server Workgroup"),
    ("ServerMultiPointStandard", "MultiPoint Server Standard"),
    ("ServerMultiPointPremium", "MultiPoint Server Premium"),
    ("ServerHyperCore", "Hyper-V Server"),
    ("ServerAzureStackHCI", "Azure Stack HCI"),
    ("ServerAzureStackHCICor", "Azure Stack HCI"),
    ("WindowsPE", "Windows PE"),
];

/// Editions that are serviced for long, by the base of their build: LTSB, later called LTSC.
pub(super) const LONG_TERM: [(u32, &str); 5] =
    [(10_240, "LTSB 2015"), (14_393, "LTSB 2016"), (17_763, "LTSC 2019"), (19_041, "LTSC 2021"), (26_100, "LTSC 2024")];

/// The edition as people say it; the identifier itself where it is not known.
pub(super) fn edition(id: &str, build: u32) -> String {
    let known = |id: &str| EDITIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(id)).map(|(_, name)| *name);
    let (base, evaluation) = match id.strip_suffix("Eval") {
        Some(base) => (base, " Evaluation"),
        None => (id, ""),
    };
    // Without a desktop, also as it came twice a year.
    let of_core = ["ACor", "Core", "Cor"].into_iter().find_map(|ending| base.strip_suffix(ending));
    let base = of_core.filter(|shorter| known(base).is_none() && known(shorter).is_some()).unwrap_or(base);
    let (base, without_media) = match (known(base), base.strip_suffix('N')) {
        (None, Some(shorter)) if known(shorter).is_some() => (shorter, " N"),
        _ => (base, ""),
    };
    let Some(mut name) = known(base) else { return id.to_owned() };
    if name == "Home" && build < 10_240 {
        name = "Core";
    }
    let is_long_term = ["EnterpriseS", "IoTEnterpriseS"].contains(&base);
    let service = LONG_TERM.iter().find(|(from, _)| is_long_term && *from == base_of(build)).map(|(_, name)| *name);
    let service = match service {
        Some(service) => format!(" {service}"),
        None if is_long_term => " LTSC".to_owned(),
        None => String::new(),
    };
    format!("{name}{without_media}{service}{evaluation}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editions_are_called_as_people_call_them() {
        for (id, build, name) in [
            ("Core", 26_100, "Home"),
            ("Core", 9600, "Core"),
            ("CoreN", 22_631, "Home N"),
            ("Professional", 19_045, "Pro"),
            ("ProfessionalWorkstationN", 22_000, "Pro for Workstations N"),
            ("EnterpriseEval", 26_100, "Enterprise Evaluation"),
            ("EnterpriseS", 10_240, "Enterprise LTSB 2015"),
            ("EnterpriseSN", 14_393, "Enterprise N LTSB 2016"),
            ("EnterpriseSEval", 17_763, "Enterprise LTSC 2019 Evaluation"),
            ("EnterpriseS", 19_044, "Enterprise LTSC 2021"),
            ("IoTEnterpriseS", 26_100, "IoT Enterprise LTSC 2024"),
            ("EnterpriseS", 30_000, "Enterprise LTSC"),
            ("ServerDatacenterEval", 20_348, "Datacenter Evaluation"),
            ("ServerStandardACor", 17_134, "Standard"),
            ("ServerDatacenterCoreEval", 20_348, "Datacenter Evaluation"),
            ("ServerTurbine", 26_100, "Datacenter: Azure Edition"),
            ("SomethingNew", 26_100, "SomethingNew"),
            ("N", 26_100, "N"),
        ] {
            assert_eq!(edition(id, build), name, "{id} of {build}");
        }
    }

    #[test]
    fn the_tables_agree_with_one_another() {
        for family in FAMILIES {
            let base = Build::find(family.base).unwrap();
            for (later, _) in family.later {
                assert_eq!(Build::find(*later).unwrap().client, base.client);
                assert_eq!(base_of(*later), family.base);
            }
            assert!(family.later.is_sorted());
        }
        assert!(BRANCHES.iter().all(|(_, build)| Build::find(*build).is_some()));
        assert!(LONG_TERM.iter().all(|(build, _)| base_of(*build) == *build && Build::find(*build).is_some()));
        let mut numbers: Vec<_> = BUILDS.iter().map(|build| build.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), BUILDS.len());
    }
}
