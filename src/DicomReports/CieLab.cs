using MedicalAi.Findings;

namespace MedicalAi.DicomReports;

/// <summary>Colours as Recommended Display CIELab Value (PS3.3 C.10.7.1.1): L*a*b* under D50, scaled to 16 bits.</summary>
internal static class CieLab
{
    /// <summary>L*, a*, b*: 0 to 100, -128 to 127 and -128 to 127 as 0 to 65535.</summary>
    public static long[] FromRgb(RgbColor color)
    {
        double r = Linear(color.Red);
        double g = Linear(color.Green);
        double b = Linear(color.Blue);

        // sRGB to XYZ, adapted to D50 by Bradford's method, relative to the white point.
        double x = Curve(((0.4360747 * r) + (0.3850649 * g) + (0.1430804 * b)) / 0.9642200);
        double y = Curve((0.2225045 * r) + (0.7168786 * g) + (0.0606169 * b));
        double z = Curve(((0.0139322 * r) + (0.0971045 * g) + (0.7141733 * b)) / 0.8252100);
        return [Scale((116 * y) - 16, 0, 100), Scale(500 * (x - y), -128, 127), Scale(200 * (y - z), -128, 127)];
    }

    private static double Linear(byte value)
    {
        double v = value / 255.0;
        return v <= 0.04045 ? v / 12.92 : Math.Pow((v + 0.055) / 1.055, 2.4);
    }

    private static double Curve(double t) => t > 216.0 / 24389 ? Math.Cbrt(t) : ((24389.0 / 27 * t) + 16) / 116;

    private static long Scale(double value, double low, double high) => (long)Math.Round(Math.Clamp((value - low) / (high - low), 0, 1) * 65535);
}
