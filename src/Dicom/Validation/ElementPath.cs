using System.Globalization;

namespace MedicalAi.Dicom;

/// <summary>Where an element stands: <c>(0040,A730)[0].(0040,A043)</c>.</summary>
internal static class ElementPath
{
    /// <summary>The path of an element.</summary>
    /// <param name="parent">The path of the item that it is in; empty at the top.</param>
    /// <param name="tag">The element.</param>
    public static string Of(string parent, DicomTag tag) => parent.Length == 0 ? tag.ToString() : $"{parent}.{tag}";

    /// <summary>The path of an item, counted from 0.</summary>
    public static string Of(string parent, DicomTag sequence, int item) => string.Create(CultureInfo.InvariantCulture, $"{Of(parent, sequence)}[{item}]");
}
