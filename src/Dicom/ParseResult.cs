using System.Diagnostics.CodeAnalysis;

namespace MedicalAi.Dicom;

/// <summary>What came of reading untrusted input: a value, or the reason why there is none. Never an exception.</summary>
/// <typeparam name="T">What is read.</typeparam>
public readonly record struct ParseResult<T>
{
    private readonly T? _value;

    /// <summary>A success.</summary>
    public ParseResult(T value)
    {
        _value = value;
        Error = null;
    }

    /// <summary>A failure.</summary>
    public ParseResult(DicomError error) => Error = error;

    /// <summary>Whether there is a value.</summary>
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Ok => Error is null;

    /// <summary>The reason why there is no value; null on success.</summary>
    public DicomError? Error { get; }

    /// <summary>The value.</summary>
    /// <exception cref="InvalidDataException">There is none; the message is the error's.</exception>
    public T Value => Error is null ? _value! : throw new InvalidDataException(Error.ToString());

    /// <summary>Makes a success of a value.</summary>
    public static implicit operator ParseResult<T>(T value) => new(value);

    /// <summary>Makes a failure of an error.</summary>
    public static implicit operator ParseResult<T>(DicomError error) => new(error);
}
