namespace MedicalAi.Dicom.Imaging;

/// <summary>A point or direction in the patient coordinate system in mm: to the left, to the back, to the head (PS3.3 C.7.6.2.1.1).</summary>
/// <param name="X">Towards the left of the patient.</param>
/// <param name="Y">Towards the back.</param>
/// <param name="Z">Towards the head.</param>
public readonly record struct Vector3(double X, double Y, double Z)
{
    /// <summary>The length.</summary>
    public double Length => Math.Sqrt(Dot(this));

    /// <summary>The scalar product.</summary>
    public double Dot(Vector3 other) => (X * other.X) + (Y * other.Y) + (Z * other.Z);

    /// <summary>The vector product.</summary>
    public Vector3 Cross(Vector3 other) =>
        new((Y * other.Z) - (Z * other.Y), (Z * other.X) - (X * other.Z), (X * other.Y) - (Y * other.X));

    /// <summary>The sum.</summary>
    public static Vector3 operator +(Vector3 left, Vector3 right) => new(left.X + right.X, left.Y + right.Y, left.Z + right.Z);

    /// <summary>The difference.</summary>
    public static Vector3 operator -(Vector3 left, Vector3 right) => new(left.X - right.X, left.Y - right.Y, left.Z - right.Z);

    /// <summary>The product with a number.</summary>
    public static Vector3 operator *(Vector3 vector, double factor) => new(vector.X * factor, vector.Y * factor, vector.Z * factor);
}
