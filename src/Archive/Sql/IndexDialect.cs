using System.Diagnostics.CodeAnalysis;

namespace MedicalAi.Archive;

/// <summary>What of the index' SQL is written in another way for each database. Everything else is common to them.</summary>
internal abstract class IndexDialect
{
    /// <summary>Behind a SELECT of rows that the transaction is about to change.</summary>
    public abstract string ForUpdate { get; }

    /// <summary>Behind a SELECT of rows that are to be claimed: those that another transaction is just claiming are passed over.</summary>
    public abstract string SkipLocked { get; }

    /// <summary>Between tables that should be gone through in the order in which they stand.</summary>
    public abstract string OrderedJoin { get; }

    /// <summary>The value of a parameter that is a list of texts.</summary>
    public abstract object List(IReadOnlyCollection<string> values);

    /// <summary>The value of a parameter that is a list of numbers.</summary>
    public abstract object List(IReadOnlyCollection<long> values);

    /// <summary>Whether a column's value is one of a parameter's, which is a list.</summary>
    public abstract string IsIn(string column, string parameter);

    /// <summary>The values of a list of texts as rows of one column, <c>value</c>.</summary>
    public abstract string RowsOf(string parameter);

    /// <summary>Whether a text is like a pattern that <see cref="Pattern"/> gave.</summary>
    public abstract string IsLike(string text, string parameter);

    /// <summary>The pattern of a key with DICOM's wild cards.</summary>
    public abstract string Pattern(string key);

    /// <summary>The pattern of a text that has no wild cards.</summary>
    public abstract string Literal(string text);

    /// <summary>A text as the database can keep it.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public abstract string? Text(string? text);

    /// <summary>Whether one of two conditions holds for a study (<c>st</c>), each of which finds it by an index of its own.</summary>
    public abstract string EitherOfStudy(string first, string second);

    /// <summary>A column by whose index rows are not to be looked up.</summary>
    public abstract string Unindexed(string column);

    /// <summary>Whether a column equals a parameter, by an index where it has one.</summary>
    public abstract string IsEqual(string column, string parameter);

    /// <summary>Whether a column lies from one parameter to before another, by an index where it has one; it may let a little more pass.</summary>
    public abstract string IsBetween(string column, string from, string before);
}
