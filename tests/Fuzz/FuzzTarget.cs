namespace MedicalAi.Fuzz;

/// <summary>Something that takes bytes of others, and what must be true of it for any of them.</summary>
/// <param name="Name">Its name, which is that of its folder of seeds.</param>
/// <param name="Make">Makes an input; the same for the same random numbers.</param>
/// <param name="Check">Throws when something is wrong with what came of the input, which alone decides what is done.</param>
/// <param name="Count">How many inputs are tried in the tests.</param>
internal sealed record FuzzTarget(string Name, Func<Random, byte[]> Make, Action<byte[]> Check, int Count)
{
    /// <summary>Random numbers that an input decides, for a check that needs them: how the input is cut into blocks.</summary>
    public static Random RandomOf(byte[] input)
    {
        unchecked
        {
            int value = (int)2166136261;
            foreach (byte one in input)
            {
                value = (value ^ one) * 16777619;
            }

            return new Random(value);
        }
    }

    /// <inheritdoc />
    public override string ToString() => Name;
}
