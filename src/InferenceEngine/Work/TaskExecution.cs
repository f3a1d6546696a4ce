using System.Globalization;
using MedicalAi.Archive;
using MedicalAi.Dicom.Imaging;
using MedicalAi.Findings;

namespace MedicalAi.InferenceEngine;

/// <summary>Carries out a task: from its inputs in the archive to findings.</summary>
internal sealed class TaskExecution(ArchiveReader reader, ModelRunners runners, InferenceOptions options, TimeProvider time)
{
    private static readonly CodedConcept s_volume = new("118565006", "SCT", "Volume");
    private static readonly CodedConcept s_millilitre = new("mL", "UCUM", "milliliter");

    private readonly InstancePixels _pixels = new(reader);

    /// <summary>Runs the task's model on its inputs.</summary>
    /// <exception cref="InferenceException">It cannot be done; the message says why.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task<StudyFindings> RunAsync(InferenceTask task, CancellationToken cancellationToken)
    {
        (Model model, ModelRunner runner) = runners.Get(task.Model, task.ModelVersion);
        InstanceRow[] rows = new InstanceRow[task.Inputs.Count];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = await _pixels.FindAsync(task.Study, task.Inputs[i], cancellationToken);
        }

        StudyFindings findings = new()
        {
            TaskId = task.Id,
            Study = task.Study,
            Model = model.Identity,
            InputsDigest = task.InputsDigest,
            MadeAt = time.GetLocalNow(), // DICOM dates and times are local where an instance names no time zone.
            Inputs = [.. rows.Select(Source)],
            Notes = model.Manifest.Notes,
        };

        bool isImage = model.Manifest.Input.Kind == InputKind.Image;
        using IDisposable turn = isImage
            ? await runners.EnterImageAsync(task.Priority, cancellationToken)
            : await runners.EnterVolumeAsync(model, rows.Sum(row => (long)(row.Rows ?? 0) * (row.Columns ?? 0)), task.Priority, cancellationToken);

        // The time counts from here: waiting for others is not the task's fault.
        TimeSpan limit = TimeSpan.FromSeconds(model.Manifest.TimeoutSeconds);
        using CancellationTokenSource deadline = new(limit, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return isImage
                ? await ClassifyAsync(findings, model, runner, rows[0], task.Priority, turn, either.Token)
                : await SegmentAsync(findings, model, runner, rows, either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new InferenceException(string.Create(CultureInfo.InvariantCulture, $"It took longer than {limit.TotalSeconds} s."), isTransient: true);
        }
    }

    private async Task<StudyFindings> ClassifyAsync(StudyFindings findings, Model model, ModelRunner runner, InstanceRow row, TaskPriority priority, IDisposable turn, CancellationToken cancellationToken)
    {
        InstanceImage opened = await _pixels.OpenAsync(row, cancellationToken);
        float[] image;
        using (NativeFrame frame = await _pixels.ReadFrameAsync(opened, cancellationToken))
        {
            image = ImagePreprocessor.Run(model.Manifest.Input.Steps, opened, frame);
        }

        turn.Dispose(); // The next image is prepared while this one waits for its batch.
        float[] probabilities = await runner.RunImageAsync(image, priority, cancellationToken);
        return findings with
        {
            Classifications =
            [
                .. model.Manifest.Output.Classifications.Select(classification => new Classification
                {
                    Finding = classification.Finding,
                    Site = classification.Site,
                    Probability = Math.Round(probabilities[classification.Index], 6),
                    Threshold = classification.Threshold,
                }),
            ],
        };
    }

    private async Task<StudyFindings> SegmentAsync(StudyFindings findings, Model model, ModelRunner runner, InstanceRow[] rows, CancellationToken cancellationToken)
    {
        IReadOnlyList<PreprocessingStep> steps = model.Manifest.Input.Steps;
        using SeriesVolume series = await SeriesVolume.ReadAsync(_pixels, rows, steps.Any(step => step is RescaleStep), options.Threads, cancellationToken);
        (byte[] labels, VolumeGeometry grid) = RunVolume(model, runner, steps, series, cancellationToken);
        byte[] mapped = GC.AllocateUninitializedArray<byte>((int)series.Grid.Count);
        VolumeResampler.Nearest(labels, grid, mapped, series.Grid, options.Threads, cancellationToken);
        long[] counts = ToSegments(mapped, model.Manifest.Output.Segments);
        return findings with
        {
            Measurements =
            [
                .. model.Manifest.Output.Segments.Select((segment, index) => (Segment: segment, Number: index + 1)).Where(item => item.Segment.MeasureVolume).Select(item => new Measurement
                {
                    Quantity = s_volume,
                    Value = Math.Round(counts[item.Number] * series.Grid.VoxelVolume / 1000, 3),
                    Unit = s_millilitre,
                    SegmentNumber = item.Number,
                }),
            ],
            Segmentation = new LabelMap
            {
                Rows = series.Grid.CountB,
                Columns = series.Grid.CountC,
                Frames = series.Grid.CountA,
                Labels = mapped,
                Sources = [.. series.Slices.Select(Source)],
                Segments =
                [
                    .. model.Manifest.Output.Segments.Select((segment, index) => new Segment(
                        index + 1,
                        segment.Label,
                        segment.Category,
                        segment.Type,
                        segment.AnatomicRegion,
                        new RgbColor((byte)segment.Color[0], (byte)segment.Color[1], (byte)segment.Color[2]))),
                ],
            },
        };
    }

    private (byte[] Labels, VolumeGeometry Grid) RunVolume(Model model, ModelRunner runner, IReadOnlyList<PreprocessingStep> steps, SeriesVolume series, CancellationToken cancellationToken)
    {
        Memory<float> values = series.Values;
        VolumeGeometry grid = series.Grid;
        VolumeBuffer<float>? resampled = null;
        try
        {
            foreach (PreprocessingStep step in steps)
            {
                if (step is ResampleStep resample)
                {
                    VolumeGeometry target = VolumeGeometry.Along(
                        resample.Orientation,
                        (resample.Size[0], resample.Size[1], resample.Size[2]),
                        (resample.Spacing[0], resample.Spacing[1], resample.Spacing[2]),
                        grid.Centre)!;
                    resampled = new VolumeBuffer<float>(target.Count);
                    VolumeResampler.Linear(values, grid, resampled.Memory, target, (float)resample.Outside, options.Threads, cancellationToken);
                    (values, grid) = (resampled.Memory, target);
                }
                else
                {
                    ValueSteps.Apply(step, values.Span);
                }
            }

            return (runner.RunVolume(values, grid.CountA, grid.CountB, grid.CountC, cancellationToken), grid);
        }
        finally
        {
            ((IDisposable?)resampled)?.Dispose();
        }
    }

    /// <summary>Turns the model's labels into segment numbers in place.</summary>
    /// <returns>The voxels of each segment number.</returns>
    private static long[] ToSegments(byte[] labels, IReadOnlyList<SegmentManifest> segments)
    {
        byte[] numbers = new byte[256];
        for (int i = 0; i < segments.Count; i++)
        {
            numbers[segments[i].Value] = (byte)(i + 1);
        }

        long[] counts = new long[256];
        foreach (ref byte label in labels.AsSpan())
        {
            label = numbers[label];
            counts[label]++;
        }

        return counts;
    }

    private static SourceInstance Source(InstanceRow row) => new(row.Identity.SopClass, row.Identity.SopInstance, row.Identity.Series);
}
