using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>A condition that is read as its vector, once a row; NaN where it is missing.</summary>
internal sealed record EmbeddedInput(string Column, TrainedConditionEncoder Encoder) : RowInput(Column)
{
    private ConditionInput Condition => new(Column, Encoder.Layout.Slots[0]);

    public override void Check(SchemaShape shape) => Condition.Check(shape);

    public override DataViewSchema.Column Find(DataViewSchema schema, DataShape shape) => Condition.Find(schema, shape);

    public override BoundInput Bind(DataViewRow row, DataViewSchema.Column column, DenoiserSpec spec)
    {
        var condition = Condition.Bind(row, column, spec);
        var packed = new float[condition.Width];
        return new BoundInput(Encoder.Size, values =>
        {
            condition.Read(packed);
            if (Encoder.Layout.IsMissing(packed))
            {
                values.Fill(float.NaN);
                return;
            }
            using var noGrad = no_grad();
            using var rows = PackedConditions.ToTensor(Encoder.Layout, packed, 1, Encoder.Trained.Parameters.Device);
            using var vector = Encoder.Embed(new Conditioning(Encoder.Layout, rows));
            using var host = vector.cpu();
            MemoryMarshal.Cast<byte, float>(host.bytes).CopyTo(values);
        }, _ => { });
    }
}
