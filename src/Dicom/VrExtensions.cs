namespace MedicalAi.Dicom;

/// <summary>What PS3.5 section 6.2 says of each value representation.</summary>
public static class VrExtensions
{
    /// <summary>Whether this is one of the value representations of the standard.</summary>
    public static bool IsKnown(this Vr vr) => vr is Vr.AE or Vr.AS or Vr.AT or Vr.CS or Vr.DA or Vr.DS or Vr.DT or Vr.FD or Vr.FL or Vr.IS
        or Vr.LO or Vr.LT or Vr.OB or Vr.OD or Vr.OF or Vr.OL or Vr.OV or Vr.OW or Vr.PN or Vr.SH or Vr.SL or Vr.SQ or Vr.SS or Vr.ST
        or Vr.SV or Vr.TM or Vr.UC or Vr.UI or Vr.UL or Vr.UN or Vr.UR or Vr.US or Vr.UT or Vr.UV;

    /// <summary>Whether an explicit VR element has two reserved bytes and a 32-bit length (PS3.5 table 7.1-1).</summary>
    public static bool HasLongLength(this Vr vr) => vr is Vr.OB or Vr.OD or Vr.OF or Vr.OL or Vr.OV or Vr.OW or Vr.SQ or Vr.SV
        or Vr.UC or Vr.UN or Vr.UR or Vr.UT or Vr.UV;

    /// <summary>Whether the value is characters.</summary>
    public static bool IsText(this Vr vr) => vr is Vr.AE or Vr.AS or Vr.CS or Vr.DA or Vr.DS or Vr.DT or Vr.IS or Vr.LO or Vr.LT or Vr.PN
        or Vr.SH or Vr.ST or Vr.TM or Vr.UC or Vr.UI or Vr.UR or Vr.UT;

    /// <summary>Whether Specific Character Set (0008,0005) applies to the value (PS3.5 section 6.1.2.2).</summary>
    public static bool UsesCharacterSet(this Vr vr) => vr is Vr.LO or Vr.LT or Vr.PN or Vr.SH or Vr.ST or Vr.UC or Vr.UT;

    /// <summary>Whether a backslash separates values; it does not in ST, LT, UT and UR.</summary>
    public static bool IsMultiValuedText(this Vr vr) => vr.IsText() && vr is not (Vr.ST or Vr.LT or Vr.UT or Vr.UR);

    /// <summary>Whether the value is an uninterpreted stream of bytes or words that may be large.</summary>
    public static bool IsBulk(this Vr vr) => vr is Vr.OB or Vr.OD or Vr.OF or Vr.OL or Vr.OV or Vr.OW or Vr.UN;

    /// <summary>The size in bytes of the unit that the byte order applies to; 1 where it does not matter.</summary>
    public static int UnitSize(this Vr vr) => vr switch
    {
        Vr.AT or Vr.OW or Vr.SS or Vr.US => 2,
        Vr.FL or Vr.OF or Vr.OL or Vr.SL or Vr.UL => 4,
        Vr.FD or Vr.OD or Vr.OV or Vr.SV or Vr.UV => 8,
        _ => 1,
    };

    /// <summary>The byte that makes an odd value even: NUL for UI and for bytes, space for other characters.</summary>
    public static byte PaddingByte(this Vr vr) => vr.IsText() && vr != Vr.UI ? (byte)' ' : (byte)0;
}
