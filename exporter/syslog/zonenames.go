package syslog

// The names of time zones, as data. Each list has a space before and after every
// name.

// zoneNames are abbreviations: all that the IANA time zone database (2025c) has or
// has had for any time of any place, and others that devices are known to print.
// TestEveryAbbreviation compares them with the database.
const zoneNames = " " +
	"ACDT ACST ACT ADDT ADMT ADT AEDT AEST AET AFT AHDT AHST AKDT AKST AKT ALMT AMST AMT ANAT APT AQTT ARST ART AST AWDT AWST AWT AZOST AZOT AZST AZT " +
	"BDST BDT BMT BNT BOT BRST BRT BST BTT CAST CAT CCT CDST CDT CEMT CEST CET CHADT CHAST CHOT CHST CHUT CIST CKT CLST CLT CMT CNT COST COT CPT CST CTT " +
	"CVT CWT CXT ChST DAVT DDUT DFT DMT EASST EAST EAT ECT EDT EEDT EEST EET EGST EGT EIT EMT EPT EST EWT FET FFMT FJST FJT FKST FKT FMT FNT GALT GAMT " +
	"GDT GET GFT GILT GMT GNT GST GYT HAC HADT HAE HAP HAR HAST HDT HKST HKT HKWT HMT HNC HNE HNP HNR HOVT HPT HST HWT ICT IDDT IDT IET IMT IOT IRDT IRKT " +
	"IRST IRT IST JDT JMT JST KDT KGT KMT KOST KRAT KSA KST KUYT LHDT LHI LHST LINT LKT LMT LST MAGT MART MAWT MDST MDT MEST MESZ MET MEZ MHT MIST MMT " +
	"MPT MSD MSK MSKS MST MUT MVT MWT MYT NCT NDDT NDT NFDT NFT NOVT NPT NRT NST NUT NWT NZDT NZMT NZST NZT OESZ OEZ OMST ORAT PDT PET PETT PGT PHOT PHT " +
	"PKST PKT PLMT PLT PMDT PMMT PMST PMT PNT PONT PPMT PPT PRC PRT PST PWT PYST PYT QMT QYZT RET RMT ROK ROTT SAKT SAMT SAST SBT SCT SDMT SET SGT SJMT " +
	"SLST SMT SRET SRT SST SYOT TBMT TFT TJT TKT TLT TMT TOST TOT TRT TST TVT UAE UCT ULAT UTC UYST UYT UZT VET VLAT VOLT VOST VST VUT WAKT WAST WAT " +
	"WEDT WEMT WEST WESZ WET WFT WGST WGT WIB WIT WITA WMT WSDT WSST WST XJT YAKT YDDT YDT YEKT YPT YST YWT ZMT ZULU "

// zonePlaces are the places after which the database names its time zones, and
// others that lists of time zones have.
const zonePlaces = " " +
	"Abidjan Abu_Dhabi Accra Acre Adak Addis_Ababa Adelaide Aden Africa Alaska Aleutian Algiers Almaty America Amman Amsterdam Anadyr Anchorage Andorra " +
	"Anguilla Ankara Antananarivo Antigua Apia Aqtau Aqtobe Araguaina Arizona Aruba Ashgabat Ashkhabad Asia Asmara Asmera Astana Astrakhan Asuncion Athens " +
	"Atikokan Atka Atlantic Atyrau Auckland Australia Azores Baghdad Bahia Bahia_Banderas Bahrain BajaNorte BajaSur Baku Bamako Bangalore Bangkok Bangui " +
	"Banjul Barbados Barnaul Beijing Beirut Belem Belfast Belgrade Belize Bengaluru Berlin Bermuda Bern Beulah Bishkek Bissau Blanc-Sablon Blantyre " +
	"Boa_Vista Bogota Boise Bombay Bougainville Brasilia Bratislava Brazil Brazzaville Brisbane Broken_Hill Brunei Brussels Bucharest Budapest " +
	"Buenos_Aires Bujumbura Busingen Cairo Calcutta Calgary Cambridge_Bay Campo_Grande Canary Canberra Cancun Cape_Verde Caracas Casablanca Casey " +
	"Catamarca Cayenne Cayman Central Ceuta Chagos Chatham Chennai Chicago Chihuahua Chile China Chisinau Chita Choibalsan Chongqing Christmas Chungking " +
	"Chuuk Ciudad_Juarez Cocos Colombo ComodRivadavia Comoro Conakry Copenhagen Coral_Harbour Cordoba Costa_Rica Coyhaique Creston Cuba Cuiaba Curacao " +
	"Currie Dacca Dakar Dalian Damascus Danmarkshavn Dar_es_Salaam Darwin Davis Dawson Dawson_Creek Daylight DeNoronha Delhi Denver Detroit Dhaka Dili " +
	"Djibouti Dominica Douala Dubai Dublin DumontDUrville Dushanbe East East-Indiana Easter EasterIsland Eastern Edinburgh Edmonton Efate Egypt Eire " +
	"Eirunepe Ekaterinburg El_Aaiun El_Salvador Enderbury Ensenada Eucla Europe Faeroe Fakaofo Famagusta Faroe Fiji Fort_Nelson Fort_Wayne Fortaleza " +
	"Freetown Funafuti GB-Eire Gaborone Galapagos Gambier Gaza Geneva Gibraltar Glace_Bay Godthab Goose_Bay Grand_Turk Greenland Greenwich Grenada " +
	"Guadalajara Guadalcanal Guadeloupe Guam Guangzhou Guatemala Guayaquil Guernsey Guyana Haifa Halifax Hamburg Hanoi Harare Harbin Havana Hawaii Hebron " +
	"Helsinki Hermosillo Ho_Chi_Minh Hobart Hong_Kong Hongkong Honolulu Houston Hovd Hyderabad Iceland India Indiana Indiana-Starke Indianapolis Indonesia " +
	"Inuvik Iqaluit Iran Irkutsk Islamabad Isle_of_Man Israel Istanbul Jakarta Jamaica Jan_Mayen Japan Jayapura Jeddah Jersey Jerusalem Johannesburg " +
	"Johnston Juba Jujuy Juneau Kabul Kaliningrad Kamchatka Kampala Kanton Karachi Kashgar Kathmandu Katmandu Kerguelen Khandyga Khartoum Kiev Kigali " +
	"Kinshasa Kiritimati Kirov Knox Knox_IN Kolkata Korea Kosrae Kralendijk Krasnoyarsk Kuala_Lumpur Kuching Kuwait Kwajalein Kyiv La_Paz La_Rioja Lagos " +
	"Lahore Libreville Libya Lima Lindeman Lisbon Ljubljana Local Localtime Lome London Longyearbyen Lord_Howe Los_Angeles Louisville Lower_Princes Luanda " +
	"Lubumbashi Lusaka Luxembourg Macao Macau Maceio Macquarie Madeira Madras Madrid Magadan Mahe Majuro Makassar Malabo Maldives Malta Managua Manaus " +
	"Manila Maputo Marengo Mariehamn Marigot Marquesas Marseille Martinique Maseru Matamoros Mauritius Mawson Mayotte Mazatlan Mbabane McMurdo Melbourne " +
	"Mendoza Menominee Merida Metlakatla Mexico Mexico_City Michigan Midway Milan Minsk Miquelon Mogadishu Monaco Moncton Monrovia Monterrey Montevideo " +
	"Monticello Montreal Montserrat Moscow Moskau Mountain Mumbai Munich Muscat Nairobi Nassau Nauru Navajo Ndjamena New_Delhi New_Salem New_York " +
	"Newfoundland Niamey Nicosia Nipigon Niue Nome Norfolk Noronha North Nouakchott Noumea Novokuznetsk Novosibirsk Nuuk Ojinaga Omsk Oral Osaka Oslo " +
	"Ottawa Ouagadougou Pacific Pago_Pago Pakistan Palau Palmer Panama Pangnirtung Paramaribo Paris Perth Petersburg Phnom_Penh Phoenix Pitcairn Podgorica " +
	"Pohnpei Poland Ponape Pontianak Port-au-Prince Port_Moresby Port_of_Spain Porto-Novo Porto_Acre Porto_Velho Portugal Prague Pretoria Puerto_Rico Pune " +
	"Punta_Arenas Pyongyang Qatar Qostanay Queensland Quito Qyzylorda Rainy_River Rangoon Rankin_Inlet Rarotonga Recife Regina Resolute Reunion Reykjavik " +
	"Riga Rio Rio_Branco Rio_Gallegos Rio_de_Janeiro Riyadh Rom Rome Rosario Rothera Russia Saigon Saipan Sakhalin Salta Samara Samarkand Samoa San_Juan " +
	"San_Luis San_Marino Santa_Isabel Santarem Santiago Santo_Domingo Sao_Paulo Sao_Tome Sapporo Sarajevo Saratov Saskatchewan Scoresbysund Seoul Shanghai " +
	"Shenzhen Shiprock Simferopol Singapore Sitka Skopje Sofia Solomon South South_Georgia South_Pole Srednekolymsk Sri_Jayawardenepura St_Barthelemy " +
	"St_Helena St_Johns St_Kitts St_Lucia St_Petersburg St_Thomas St_Vincent Standard Stanley Stockholm Summer Swift_Current Sydney Syowa Tahiti Taipei " +
	"Tallinn Tarawa Tashkent Tasmania Tbilisi Tegucigalpa Teheran Tehran Tel_Aviv Tell_City Thailand Thimbu Thimphu Thule Thunder_Bay Tijuana Timbuktu " +
	"Tirane Tiraspol Tokyo Tomsk Tongatapu Toronto Tortola Tripoli Troll Truk Tucuman Tunis Turkey Ujung_Pandang Ukraine Ulaanbaatar Ulan_Bator Ulyanovsk " +
	"Universal Urumqi Ushuaia Ust-Nera Uzhgorod Vaduz Vancouver Vatican Vevay Victoria Vienna Vientiane Vilnius Vincennes Virgin Vladivostok Volgograd " +
	"Vostok Wake Wallis Warsaw Wellington West Whitehorse Wien Winamac Windhoek Winnipeg Winter Yakutat Yakutsk Yancowinna Yangon Yap Yekaterinburg " +
	"Yellowknife Yerevan Yukon Zagreb Zaporozhye Zuerich Zulu Zurich "

// zoneAreas are the first parts of the names in the database, as in Europe/Paris.
const zoneAreas = " Africa America Antarctica Arctic Asia Atlantic Australia Brazil Canada Chile Etc Europe Indian Mexico Pacific US "
