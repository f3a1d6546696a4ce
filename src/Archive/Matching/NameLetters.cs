using System.Collections.Frozen;

namespace MedicalAi.Archive;

/// <summary>
/// Letters that names are compared by, for letters that are variants of them: with marks, of another width, written by two. The
/// program runs without the culture tables (invariant globalization), where strings are neither decomposed nor composed; hence these,
/// made from the decompositions of the Unicode character database.
/// </summary>
internal static class NameLetters
{
    private static readonly (string Letters, string Variants)[] s_variants =
    [
        ("A", "ÀÁÂÃÄÅĀĂĄǍǞǠǺȀȂȦḀẠẢẤẦẨẪẬẮẰẲẴẶ\u212B"),
        ("B", "ḂḄḆɃ"),
        ("C", "ÇĆĈĊČḈ"),
        ("D", "ĎḊḌḎḐḒĐÐƉ"),
        ("E", "ÈÉÊËĒĔĖĘĚȄȆȨḔḖḘḚḜẸẺẼẾỀỂỄỆ"),
        ("F", "Ḟ"),
        ("G", "ĜĞĠĢǦǴḠǤ"),
        ("H", "ĤȞḢḤḦḨḪĦ"),
        ("I", "ÌÍÎÏĨĪĬĮİǏȈȊḬḮỈỊıƗ"),
        ("J", "Ĵ"),
        ("K", "ĶǨḰḲḴĸ\u212A"),
        ("L", "ĹĻĽḶḸḺḼŁ"),
        ("M", "ḾṀṂ"),
        ("N", "ÑŃŅŇǸṄṆṈṊŊŉ"),
        ("O", "ÒÓÔÕÖŌŎŐƠǑǪǬȌȎȪȬȮȰṌṎṐṒỌỎỐỒỔỖỘỚỜỞỠỢØǾ"),
        ("P", "ṔṖ"),
        ("R", "ŔŖŘȐȒṘṚṜṞ"),
        ("S", "ŚŜŞŠȘṠṢṤṦṨſẛ"),
        ("T", "ŢŤȚṪṬṮṰŦ"),
        ("U", "ÙÚÛÜŨŪŬŮŰŲƯǓǕǗǙǛȔȖṲṴṶṸṺỤỦỨỪỬỮỰɄ"),
        ("V", "ṼṾ"),
        ("W", "ŴẀẂẄẆẈ"),
        ("X", "ẊẌ"),
        ("Y", "ÝŶŸȲẎỲỴỶỸ"),
        ("Z", "ŹŻŽẐẒẔƵ"),

        // Letters that are written with two.
        ("SS", "ßẞ"),
        ("AE", "ÆǢǼ"),
        ("OE", "Œ"),
        ("TH", "Þ"),
        ("IJ", "Ĳ"),
        ("FF", "ﬀ"),
        ("FI", "ﬁ"),
        ("FL", "ﬂ"),
        ("DZ", "ǄǅǱǲ"),
        ("LJ", "Ǉǈ"),
        ("NJ", "Ǌǋ"),

        // Greek with tonos, dialytika and the marks of polytonic spelling.
        ("Α", "ΆἈἉἊἋἌἍἎἏᾈᾉᾊᾋᾌᾍᾎᾏᾸᾹᾺᾼᾀᾁᾂᾃᾄᾅᾆᾇᾲᾳᾴᾶᾷ\u1FBB"),
        ("Ε", "ΈἘἙἚἛἜἝῈ\u1FC9"),
        ("Η", "ΉἨἩἪἫἬἭἮἯᾘᾙᾚᾛᾜᾝᾞᾟῊῌᾐᾑᾒᾓᾔᾕᾖᾗῂῃῄῆῇ\u1FCB"),
        ("Ι", "ΊΪἸἹἺἻἼἽἾἿῘῙῚΐῒῖῗ\u1FDB\u1FD3"),
        ("Ο", "ΌὈὉὊὋὌὍῸ\u1FF9"),
        ("Ρ", "Ῥῤ"),
        ("Υ", "ΎΫὙὛὝὟῨῩῪΰὐὒὔὖῢῦῧ\u1FEB\u1FE3"),
        ("Ω", "ΏὨὩὪὫὬὭὮὯᾨᾩᾪᾫᾬᾭᾮᾯῺῼᾠᾡᾢᾣᾤᾥᾦᾧῲῳῴῶῷ\u1FFB\u2126"),

        // Cyrillic.
        ("І", "Ї"),
        ("А", "ӐӒ"),
        ("Г", "Ѓ"),
        ("Е", "ЀЁӖ"),
        ("Ж", "ӁӜ"),
        ("З", "Ӟ"),
        ("И", "ЍЙӢӤ"),
        ("К", "Ќ"),
        ("О", "Ӧ"),
        ("У", "ЎӮӰӲ"),
        ("Ч", "Ӵ"),
        ("Ы", "Ӹ"),
        ("Э", "Ӭ"),
        ("Ә", "Ӛ"),
        ("Ө", "Ӫ"),

        // Arabic with hamza, madda and wasla.
        ("ا", "آأإٱ"),
        ("و", "ؤ"),
        ("ي", "ئ"),
        ("ہ", "ۂ"),
        ("ے", "ۓ"),
        ("ە", "ۀ"),

        // Hyphens and apostrophes of typography.
        ("-", "\u2010\u2011\u2012\u2013\u2014\u2212\u30A0"),
        ("'", "\u2018\u2019\u02BC\u02B9\u0060\u00B4"),
    ];

    private static readonly FrozenDictionary<char, string> s_letters =
        s_variants.SelectMany(row => row.Variants.Select(variant => KeyValuePair.Create(variant, row.Letters))).ToFrozenDictionary();

    // U+FF66 to U+FF9D, of JIS X 0201.
    private const string HalfWidthKana = "ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン";

    // U+F900 to U+FAD9: ideographs that stand twice in national sets (in KS X 1001 once for each reading), as the one that they are.
    private const string CompatibilityIdeographs =
        "豈更車賈滑串句龜龜契金喇奈懶癩羅蘿螺裸邏樂洛烙珞落酪駱亂卵欄爛蘭鸞嵐濫藍襤拉臘蠟廊朗浪狼郎來冷勞擄櫓爐盧老蘆虜路露魯鷺碌" +
        "祿綠菉錄鹿論壟弄籠聾牢磊賂雷壘屢樓淚漏累縷陋勒肋凜凌稜綾菱陵讀拏樂諾丹寧怒率異北磻便復不泌數索參塞省葉說殺辰沈拾若掠略亮" +
        "兩凉梁糧良諒量勵呂女廬旅濾礪閭驪麗黎力曆歷轢年憐戀撚漣煉璉秊練聯輦蓮連鍊列劣咽烈裂說廉念捻殮簾獵令囹寧嶺怜玲瑩羚聆鈴零靈" +
        "領例禮醴隸惡了僚寮尿料樂燎療蓼遼龍暈阮劉杻柳流溜琉留硫紐類六戮陸倫崙淪輪律慄栗率隆利吏履易李梨泥理痢罹裏裡里離匿溺吝燐璘" +
        "藺隣鱗麟林淋臨立笠粒狀炙識什茶刺切度拓糖宅洞暴輻行降見廓兀嗀\uFA0E\uFA0F塚\uFA11晴\uFA13\uFA14凞猪益礼神祥福靖精羽\uFA1F蘒\uFA21諸\uFA23\uFA24逸都\uFA27\uFA28\uFA29飯飼" +
        "館鶴郞隷侮僧免勉勤卑喝嘆器塀墨層屮悔慨憎懲敏既暑梅海渚漢煮爫琢碑社祉祈祐祖祝禍禎穀突節練縉繁署者臭艹艹著褐視謁謹賓贈辶逸" +
        "難響頻恵\uFA6C舘\uFA6E\uFA6F並况全侀充冀勇勺喝啕喙嗢塚墳奄奔婢嬨廒廙彩徭惘慎愈憎慠懲戴揄搜摒敖晴朗望杖歹殺流滛滋漢瀞煮瞧爵犯猪瑱甆画" +
        "瘝瘟益盛直睊着磌窱節类絛練缾者荒華蝹襁覆視調諸請謁諾諭謹變贈輸遲醙鉶陼難靖韛響頋頻鬒龜\uFACF\uFAD0\uFAD1㮝䀘䀹\uFAD5\uFAD6\uFAD7齃龎";

    /// <summary>The letters of a capital letter, or of one that has no capital; null when it stands for itself.</summary>
    public static string? Find(char capital) => s_letters.GetValueOrDefault(capital);

    /// <summary>The character of another width, or that is a double of another, as the usual one.</summary>
    public static char Unify(char c) => c switch
    {
        '\u3000' or '\u00A0' => ' ',
        >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFEE0),
        >= '\uFF66' and <= '\uFF9D' => HalfWidthKana[c - 0xFF66],
        >= '\uF900' and <= '\uFAD9' => CompatibilityIdeographs[c - 0xF900],
        _ => c,
    };

    /// <summary>Katakana as the hiragana of the same sound; anything else as it is.</summary>
    public static char ToHiragana(char c) => c is (>= '\u30A1' and <= '\u30F6') or '\u30FD' or '\u30FE' ? (char)(c - 0x60) : c;

    /// <summary>Whether a character is a mark upon the one before that names are compared without. In other scripts marks are vowels.</summary>
    public static bool IsMark(char c) => c is (>= '\u0300' and <= '\u036F') or (>= '\u0483' and <= '\u0487')
        or (>= '\u0591' and <= '\u05BD') or '\u05BF' or '\u05C1' or '\u05C2' or '\u05C4' or '\u05C5' or '\u05C7'
        or (>= '\u0610' and <= '\u061A') or '\u0640' or (>= '\u064B' and <= '\u065F') or '\u0670' or (>= '\u06D6' and <= '\u06DC')
        or (>= '\u1AB0' and <= '\u1AFF') or (>= '\u1DC0' and <= '\u1DFF') or (>= '\uFE20' and <= '\uFE2F') or '\u200C' or '\u200D';
}
