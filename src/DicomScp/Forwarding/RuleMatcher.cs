using MedicalAi.Archive;
using MedicalAi.Dicom;

namespace MedicalAi.DicomScp;

/// <summary>Finds the instances that a rule is for, with the matching of the index.</summary>
internal sealed class RuleMatcher(IStudyIndex index)
{
    /// <summary>The most instances of one page; they are matched by one query for each key.</summary>
    public const int PageSize = 256;

    /// <summary>Those of a page that a rule is for, in their order.</summary>
    public async ValueTask<IReadOnlyList<ArrivedInstance>> FindAsync(ForwardRule rule, IEnumerable<ArrivedInstance> page, CancellationToken cancellationToken)
    {
        List<ArrivedInstance> left = [.. page.Where(rule.IsFor)];
        foreach (ForwardMatch match in rule.Matches)
        {
            if (left.Count == 0)
            {
                break;
            }

            string all = string.Join('\\', left.Select(instance => instance.SopInstance.Value));
            HashSet<DicomUid> found = [];
            foreach (string key in match.Values)
            {
                IndexQuery query = new IndexQuery(IndexLevel.Instance).With(DicomTags.SOPInstanceUID, all).With(match.Tag, key);
                await foreach (IndexMatch one in index.FindAsync(query, cancellationToken))
                {
                    found.Add(one.Instance!.Identity.SopInstance);
                }
            }

            left.RemoveAll(instance => !found.Contains(instance.SopInstance));
        }

        return left;
    }
}
