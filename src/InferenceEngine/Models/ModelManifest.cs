using System.Text.Json.Serialization;
using MedicalAi.Findings;

namespace MedicalAi.InferenceEngine;

/// <summary>A model's manifest, <c>model.json</c>; <c>models/model.schema.json</c> says what each member means.</summary>
public sealed record ModelManifest
{
    /// <summary>The schema, for editors.</summary>
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    /// <summary>The name of the model's folder and of the model.</summary>
    public required string Name { get; init; }

    /// <summary>The version.</summary>
    public required string Version { get; init; }

    /// <summary>The name of the algorithm for people.</summary>
    public required string Title { get; init; }

    /// <summary>Who made the model.</summary>
    public required string Manufacturer { get; init; }

    /// <summary>The model's file in its folder.</summary>
    public string File { get; init; } = "model.onnx";

    /// <summary>The SHA-256 of the file, in lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The family of the algorithm, CID 7162.</summary>
    public CodedConcept AlgorithmFamily { get; init; } = new("123110", "DCM", "Artificial Intelligence");

    /// <summary>The parameters that reports name.</summary>
    public string? Parameters { get; init; }

    /// <summary>Remarks that every report carries.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What the model takes.</summary>
    public required SelectManifest Select { get; init; }

    /// <summary>How its input is made.</summary>
    public required InputManifest Input { get; init; }

    /// <summary>What its output means.</summary>
    public required OutputManifest Output { get; init; }

    /// <summary>How runs are put together.</summary>
    public BatchManifest Batch { get; init; } = new();

    /// <summary>The memory of one run, in MiB.</summary>
    public int PeakMemoryMiB { get; init; } = 256;

    /// <summary>The longest time of one task, in seconds.</summary>
    public int TimeoutSeconds { get; init; } = 600;
}

/// <summary>What a model takes.</summary>
public sealed record SelectManifest
{
    /// <summary>One task for each series or for each instance.</summary>
    public SelectEach Each { get; init; } = SelectEach.Series;

    /// <summary>The SOP Class UIDs.</summary>
    public required IReadOnlyList<string> SopClasses { get; init; }

    /// <summary>The fewest instances of a series.</summary>
    public int MinimumInstances { get; init; } = 1;

    /// <summary>The most instances of a series.</summary>
    public int MaximumInstances { get; init; } = 2048;

    /// <summary>Whether the instances must make up a regular grid.</summary>
    public SelectGeometry Geometry { get; init; } = SelectGeometry.None;

    /// <summary>Conditions on attributes; all must hold.</summary>
    public IReadOnlyList<AttributeCondition> Attributes { get; init; } = [];
}

/// <summary>What one task is of.</summary>
public enum SelectEach
{
    /// <summary>A series.</summary>
    Series,

    /// <summary>An instance.</summary>
    Instance,
}

/// <summary>What the images must make up.</summary>
public enum SelectGeometry
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A regular grid of slices.</summary>
    Volume,
}

/// <summary>A condition on an attribute.</summary>
public sealed record AttributeCondition
{
    /// <summary>The attribute's keyword.</summary>
    public required string Attribute { get; init; }

    /// <summary>One of its values is one of these.</summary>
    public IReadOnlyList<string>? OneOf { get; init; }

    /// <summary>One of its values contains one of these.</summary>
    public IReadOnlyList<string>? Contains { get; init; }

    /// <summary>None of its values is one of these.</summary>
    public IReadOnlyList<string>? Without { get; init; }

    /// <summary>Whether an instance without a value passes.</summary>
    public bool AllowMissing { get; init; }
}

/// <summary>How a model's input is made.</summary>
public sealed record InputManifest
{
    /// <summary>The name of the input.</summary>
    public required string Name { get; init; }

    /// <summary>An image or a volume.</summary>
    public required InputKind Kind { get; init; }

    /// <summary>The steps, in order.</summary>
    public required IReadOnlyList<PreprocessingStep> Steps { get; init; }

    /// <summary>The step that gives images their last size.</summary>
    internal ResizeStep ImageSize => Steps.OfType<ResizeStep>().Last();

    /// <summary>The values of an image.</summary>
    internal int ImageLength => ImageSize.Rows * ImageSize.Columns;
}

/// <summary>What a model is given.</summary>
public enum InputKind
{
    /// <summary>One image: [n, 1, rows, columns].</summary>
    Image,

    /// <summary>One volume: [1, 1, a, b, c].</summary>
    Volume,
}

/// <summary>What a model's output means.</summary>
public sealed record OutputManifest
{
    /// <summary>The name of the output.</summary>
    public required string Name { get; init; }

    /// <summary>What is applied to it first.</summary>
    public Activation Activation { get; init; } = Activation.None;

    /// <summary>What its numbers are the probabilities of.</summary>
    public IReadOnlyList<ClassificationManifest> Classifications { get; init; } = [];

    /// <summary>What its labels stand for.</summary>
    public IReadOnlyList<SegmentManifest> Segments { get; init; } = [];
}

/// <summary>What is applied to an output.</summary>
public enum Activation
{
    /// <summary>Nothing: it is a probability already.</summary>
    None,

    /// <summary>The logistic function, each number for itself.</summary>
    Sigmoid,

    /// <summary>Softmax over the numbers of an image.</summary>
    Softmax,
}

/// <summary>A number of the output that is the probability of a finding.</summary>
public sealed record ClassificationManifest
{
    /// <summary>Which number.</summary>
    public required int Index { get; init; }

    /// <summary>The finding.</summary>
    public required CodedConcept Finding { get; init; }

    /// <summary>The anatomic site.</summary>
    public CodedConcept? Site { get; init; }

    /// <summary>From which probability it is called found.</summary>
    public required double Threshold { get; init; }
}

/// <summary>A label of the output that is a segment.</summary>
public sealed record SegmentManifest
{
    /// <summary>The label.</summary>
    public required int Value { get; init; }

    /// <summary>The name for people.</summary>
    public required string Label { get; init; }

    /// <summary>Segmented property category.</summary>
    public required CodedConcept Category { get; init; }

    /// <summary>Segmented property type.</summary>
    public required CodedConcept Type { get; init; }

    /// <summary>Anatomic region.</summary>
    public CodedConcept? AnatomicRegion { get; init; }

    /// <summary>Red, green and blue.</summary>
    public required IReadOnlyList<int> Color { get; init; }

    /// <summary>Whether its volume is reported.</summary>
    public bool MeasureVolume { get; init; } = true;
}

/// <summary>How runs are put together.</summary>
public sealed record BatchManifest
{
    /// <summary>The most inputs of one run; 1 for a model without a batch axis.</summary>
    public int MaximumSize { get; init; } = 1;

    /// <summary>How long the first input waits for others.</summary>
    public int MaximumDelayMilliseconds { get; init; } = 20;
}
