namespace MedicalAi.Archive;

/// <summary>Where an instance came from; kept with its row.</summary>
/// <param name="Protocol">The way in, one of the constants of this type.</param>
/// <param name="CallingAe">The calling AE title of a DIMSE sender.</param>
/// <param name="CalledAe">The AE title that it called.</param>
/// <param name="RemoteAddress">The address of the sender, without port.</param>
public sealed record UploadOrigin(string Protocol, string? CallingAe = null, string? CalledAe = null, string? RemoteAddress = null)
{
    /// <summary>By C-STORE.</summary>
    public const string Dimse = "dimse";

    /// <summary>By STOW-RS.</summary>
    public const string Stow = "stow";

    /// <summary>From files by <c>gateway import</c>.</summary>
    public const string Import = "import";

    /// <summary>A result of our own: SR, SEG.</summary>
    public const string Result = "result";
}
