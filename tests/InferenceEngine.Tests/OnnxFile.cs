using System.Buffers.Binary;
using System.Text;

namespace MedicalAi.InferenceEngine.Tests;

/// <summary>Writes small ONNX models (protocol buffers of onnx.proto3), so that tests need no large ones.</summary>
internal static class OnnxFile
{
    private const int Single = 1;
    private const int Byte = 2;

    /// <summary>Labels voxels above a threshold with 1: <c>volume</c> [1, 1, a, b, c] to <c>labels</c>.</summary>
    public static byte[] Threshold(float threshold) => Model(
        [
            Node("Greater", ["volume", "threshold"], "above"),
            Node("Cast", ["above"], "labels", Attribute("to", Byte)),
        ],
        [Scalar("threshold", threshold)],
        [Value("volume", Single, "1", "1", "a", "b", "c")],
        [Value("labels", Byte, "1", "1", "a", "b", "c")]);

    /// <summary>Takes the logarithm of the mean of each image: <c>image</c> [n, 1, 2, 2] to <c>probability</c> [n, 1]; of a black image not a number.</summary>
    public static byte[] LogarithmOfMean() => Model(
        [
            Node("Flatten", ["image"], "flat"),
            Node("ReduceMean", ["flat"], "mean", Attributes("axes", 1)),
            Node("Log", ["mean"], "probability"),
        ],
        [],
        [Value("image", Single, "n", "1", "2", "2")],
        [Value("probability", Single, "n", "1")]);

    private static byte[] Model(byte[][] nodes, byte[][] initializers, byte[][] inputs, byte[][] outputs) =>
    [
        .. Number(1, 7),
        .. Message(7, [.. nodes.SelectMany(node => Message(1, node)), .. Text(2, "test"), .. initializers.SelectMany(tensor => Message(5, tensor)), .. inputs.SelectMany(input => Message(11, input)), .. outputs.SelectMany(output => Message(12, output))]),
        .. Message(8, Number(2, 13)),
    ];

    private static byte[] Node(string type, string[] inputs, string output, params byte[][] attributes) =>
        [.. inputs.SelectMany(input => Text(1, input)), .. Text(2, output), .. Text(4, type), .. attributes.SelectMany(attribute => Message(5, attribute))];

    private static byte[] Attribute(string name, long value) => [.. Text(1, name), .. Number(3, value), .. Number(20, 2)];

    private static byte[] Attributes(string name, long value) => [.. Text(1, name), .. Number(8, value), .. Number(20, 7)];

    private static byte[] Scalar(string name, float value)
    {
        byte[] raw = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(raw, value);
        return [.. Number(2, Single), .. Text(8, name), .. Message(9, raw)];
    }

    private static byte[] Value(string name, int type, params string[] dimensions) =>
    [
        .. Text(1, name),
        .. Message(2, Message(1, [.. Number(1, type), .. Message(2, [.. dimensions.SelectMany(dimension => Message(1, long.TryParse(dimension, out long size) ? Number(1, size) : Text(2, dimension)))])])),
    ];

    private static byte[] Number(int field, long value) => [.. Variable(field << 3), .. Variable(value)];

    private static byte[] Text(int field, string text) => Message(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Message(int field, byte[] bytes) => [.. Variable((field << 3) | 2), .. Variable(bytes.Length), .. bytes];

    private static byte[] Variable(long value)
    {
        List<byte> bytes = [];
        for (; value > 127; value >>= 7)
        {
            bytes.Add((byte)(value | 128));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}
